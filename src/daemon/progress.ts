/** How what goes on beside the turns of the loop is told: what sources do, and what became of stale UDP flows. */
import type { SourceProgress } from '../core/snapshot/source.ts';
import type { PassResult } from '../host/conntrack-pass.ts';
import type { Log } from '../observe/logs/log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';

export function logProgress({ kind, severity, message }: SourceProgress, log: Log): void {
  const say = { debug: log.debug, info: log.info, warning: log.warn, error: log.error }[severity];
  say(message, kind === undefined ? {} : { kind });
}

export function tellPass(
  { family, seen, deleted, ms, problem }: PassResult,
  { log, metrics }: { readonly log: Log; readonly metrics: Pick<Metrics, 'observeConntrack'> },
): void {
  metrics.observeConntrack({ family, seconds: ms / 1000, deleted });
  if (problem !== undefined) log.warn('Stale UDP flows may go on', { family, ...problem });
  else if (deleted > 0) log.info('Stale UDP flows were ended', { family, seen, deleted, ms });
}
