/** Durations as Go writes them (time.Duration, metav1.Duration): `30s`, `1h2m`, `250ms`, `1.5h`. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const unit = '(?:ns|us|µs|μs|ms|s|m|h)';
const number = '(?:\\d+\\.?\\d*|\\.\\d+)';
const wholeText = new RegExp(`^[+-]?(?:0|(?:${number}${unit})+)$`);
const part = new RegExp(`(${number})(${unit})`, 'g');

/** The greatest that Go can hold: 2⁶³ nanoseconds, some 292 years. */
const maxMs = 2 ** 63 / 1e6;

/** Milliseconds, with nanoseconds behind the point; undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 100 || !wholeText.test(text)) return undefined;
  let ms = 0;
  for (const [, amount = '', name = ''] of text.matchAll(part)) ms += Number(amount) * (unitMs[name] ?? 0);
  // To whole nanoseconds (above 99 days, where a number cannot hold them, to milliseconds): 1.1s is 1100 ms.
  const scale = ms < 2 ** 33 ? 1e6 : 1;
  const rounded = Math.round(ms * scale) / scale;
  if (rounded >= maxMs) return undefined;
  return text.startsWith('-') && rounded !== 0 ? -rounded : rounded;
}

/** The inverse of `parseDuration`, in Go's own form: `1h2m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0s';
  if (ms < 1e-3) return `${decimal(ms * 1e6)}ns`;
  if (ms < 1) return `${decimal(ms * 1e3)}µs`;
  if (ms < 1000) return `${decimal(ms)}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${decimal((ms - minutes * 60_000) / 1000)}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

/** At most nine digits behind the point, none of them a final zero. */
function decimal(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
