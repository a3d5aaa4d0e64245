/** Short ways to make metrics in one registry. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface Instruments {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram<L extends string = never>(options: HistogramOptions<L>): Histogram<L>;
  /** A gauge whose value is asked for each answer; undefined where there is none yet. */
  readGauge<L extends string = never>(options: ReadGaugeOptions<L>): void;
  /** A counter whose value is kept elsewhere, and read for each answer; undefined where it cannot be read now. */
  readCounter(name: string, help: string, read: () => number | undefined | Promise<number | undefined>): void;
}

export interface HistogramOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
  readonly buckets: readonly number[];
}

export interface ReadGaugeOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  /** The series that all have this value; one without labels where this is absent. */
  readonly series?: readonly Readonly<Record<L, string>>[];
  readonly read: () => number | undefined;
}

export function createInstruments(registry: Registry): Instruments {
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: labels, registers }),
    gauge: (name, help, labels = []) => new Gauge({ name, help, labelNames: labels, registers }),
    histogram: ({ name, help, labels = [], buckets }) =>
      new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers }),
    readGauge: ({ name, help, series = [], read }) => {
      const gauge = new Gauge({
        name,
        help,
        labelNames: Object.keys(series[0] ?? {}),
        registers,
        collect: () => {
          const value = read();
          if (value === undefined) return;
          if (series.length === 0) gauge.set(value);
          for (const labels of series) gauge.set(labels, value);
        },
      });
    },
    readCounter: (name, help, read) => {
      const counter: Counter = new Counter({
        name,
        help,
        registers,
        collect: async () => {
          const value = await read();
          counter.remove();
          if (value !== undefined) counter.inc(value);
        },
      });
    },
  };
}
