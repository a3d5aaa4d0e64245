/** Logs and counts what goes on beside the turns of the loop: sources, stale UDP flows and proofs. */
import type { SourceProgress } from '../core/snapshot/source.ts';
import type { PassResult } from '../host/conntrack/pass.ts';
import type { Log } from '../observe/logs/log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import type { FamilyProof } from './self-proof.ts';

/** Logs what a source or the loop is doing, at the level of its severity. */
export function logProgress({ kind, severity, message }: SourceProgress, log: Log): void {
  const say = { debug: log.debug, info: log.info, warning: log.warn, error: log.error }[severity];
  say(message, kind === undefined ? {} : { kind });
}

/** Logs and counts one look at the UDP entries of a family. */
export function tellPass(
  { family, seen, deleted, ms, problem }: PassResult,
  { log, metrics }: { readonly log: Log; readonly metrics: Pick<Metrics, 'observeConntrack'> },
): void {
  metrics.observeConntrack({ family, seconds: ms / 1000, deleted });
  if (problem !== undefined) log.warn('Stale UDP flows may continue', { family, ...problem });
  else if (deleted > 0) log.debug('Stale UDP flows were ended', { family, seen, deleted, ms });
}

/** One counter-example is enough to look further: /debug/verify has them all. */
export function tellProof(
  proof: FamilyProof,
  { log, metrics }: { readonly log: Log; readonly metrics: Pick<Metrics, 'observeProof'> },
): void {
  const { family } = proof;
  if (proof.kind === 'untold') {
    log.warn('The rules could not be proven', { family, problem: proof.problem });
    metrics.observeProof({ family, outcome: 'untold', classes: 0, seconds: 0 });
    return;
  }
  const { outcome, classes, differentClasses, unknownClasses, differences, obstacles } = proof.verdict;
  const figures = { family, classes, ms: Math.round(proof.ms) };
  metrics.observeProof({ family, outcome, classes, seconds: proof.ms / 1000 });
  if (outcome === 'proven') log.info('Proven: the rules in the kernel match the Services', figures);
  else if (outcome === 'unknown')
    log.warn('Not proven: some rules are not understood', {
      ...figures,
      unknownClasses,
      obstacles: obstacles.slice(0, 1).map(({ text }) => text),
    });
  else
    log.error('The rules in the kernel do not match the Services', {
      ...figures,
      differentClasses,
      packets: differences.slice(0, 3).map(({ packet }) => packet),
    });
}
