/** Upper bounds of histogram buckets, in the unit of the metric. */

/** `start`, `start × factor`, … */
export function exponential(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start * factor ** index);
}

/** `start`, `start + width`, … */
function linear(start: number, width: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + index * width);
}

/** Of kube-proxy's sync durations: 1 ms to 16.4 s. */
export const syncSeconds = exponential(0.001, 2, 15);

/** Of kube-proxy's network programming latency. The 0 comes from how its source joins the ranges, and is served. */
export const networkProgrammingSeconds = [
  0,
  ...linear(0.25, 0.25, 2),
  ...linear(1, 1, 59),
  ...linear(60, 5, 12),
  ...linear(120, 30, 7),
];

/** Of client-go's requests. */
export const requestSeconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** Of client-go's request and response bodies: 64 bytes to 16 MiB. */
export const bodyBytes = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];
