/** Gives the result of some work and the milliseconds it took. */
export function timed<T>(work: () => T): readonly [T, number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that this share of the others, from 0 to 1, is below. */
export function percentile(values: readonly number[], share: number): number {
  const last = values.length - 1;
  return values.toSorted((a, b) => a - b)[Math.min(last, Math.floor(values.length * share))] ?? Number.NaN;
}
