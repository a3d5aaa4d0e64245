/** What a turn of the sync loop did, in a line or a few: what changed, what was lost, what failed and what to do. */
import type { ObjectRef } from '../../core/diagnostics.ts';
import type { ChangeCounts } from '../../core/structures/named-difference.ts';
import type { FamilyReport, SyncReport } from '../sync-report.ts';
import { createDiagnosticLog } from './diagnostic-log.ts';
import { maxLines, missing, tell } from './lines.ts';
import type { Log, LogFields } from './log.ts';
import { createRepeatLimit } from './repeats.ts';

/**
 * A function that logs one report after the other. A diagnostic or a quarantined Service is told when it appears and
 * when it is gone, not every time in between: that is what is remembered. An object that does so again and again is
 * told a few times a minute. `now` in milliseconds.
 */
export function createSyncLog(log: Log, now: () => number = Date.now): (report: SyncReport) => void {
  const limit = createRepeatLimit(now, (namespace, lines) =>
    log.warn('Lines about objects of a namespace were left out, as there were too many', { namespace, lines }),
  );
  const tellDiagnostics = createDiagnosticLog(log, limit);
  let quarantined: ReadonlyMap<string, ObjectRef> = new Map();

  return (report) => {
    limit.flush();
    logFamilies(log, report);
    tellDiagnostics(report.diagnostics);
    const kept = new Map(report.families.flatMap(keptServices));
    const tellKept = (services: readonly ObjectRef[], say: Log['info'], message: string): void =>
      tell(services, log, ({ kind, namespace = '', name }) => {
        const fields = { service: `${namespace}/${name}`, family: kind };
        limit.log({ key: JSON.stringify(fields), namespace, say: (extra) => say(message, { ...fields, ...extra }) });
      });
    const refuses = 'The kernel refuses the new rules of a Service, so its old rules stay';
    tellKept(missing(kept, quarantined), log.error, refuses);
    tellKept(missing(quarantined, kept), log.info, 'The kernel accepts a Service again');
    quarantined = kept;
  };
}

function logFamilies(log: Log, report: SyncReport): void {
  const { number, cause, changes, compileMs, families } = report;
  for (const family of families) {
    if (family.lost.length > 0) {
      const more = family.lost.length > maxLines ? { more: family.lost.length - maxLines } : {};
      const [what, say] =
        family.result === 'failed'
          ? (['Lost', log.error] as const)
          : (['Restored rules that another program had changed', log.warn] as const);
      say(what, { sync: number, family: family.family, lost: family.lost.slice(0, maxLines), ...more });
    }
    if (family.result === 'failed') {
      log.error('The rules could not be applied: those from before still stand, and it is tried again', {
        sync: number,
        family: family.family,
        mode: family.mode,
        problem: family.problem,
        remedy: 'see what was sent at /debug/transactions of the metrics address',
        ...timings(family),
      });
    }
  }
  const fields = { sync: number, cause, ...changes, compileMs: rounded(compileMs), ...byFamily(families) };
  if (families.some(({ result }) => result === 'applied')) log.debug('Synced', fields);
  else if (families.every(({ result }) => result === 'unchanged')) log.debug('Nothing was changed', fields);
}

function byFamily(families: readonly FamilyReport[]): LogFields {
  return Object.fromEntries(
    families.map((family) => {
      const counts = Object.entries(family.summary).map(([kind, change]) => [kind, formatCounts(change)] as const);
      const shown = Object.fromEntries(counts.filter(([, text]) => text !== ''));
      return [family.family, { result: family.result, ...shown, ...timings(family) }];
    }),
  );
}

function timings({ text, diffMs, applyMs, lockWaitMs }: FamilyReport): LogFields {
  const lockWait = lockWaitMs > 0 ? { lockWaitMs: rounded(lockWaitMs) } : {};
  return { bytes: text.length, diffMs: rounded(diffMs), applyMs: rounded(applyMs), ...lockWait };
}

/** `+3~1-2`: added, changed, removed; without what did not happen. */
function formatCounts({ added, changed, removed }: ChangeCounts): string {
  return [
    [added, '+'],
    [changed, '~'],
    [removed, '-'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, sign]) => `${sign}${count}`)
    .join('');
}

/** Tenths of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function keptServices({ family, quarantined }: FamilyReport): readonly (readonly [string, ObjectRef])[] {
  return quarantined.map((service) => {
    const [namespace = '', name = ''] = service.split('/', 2);
    return [`${family} ${service}`, { kind: family, namespace, name }];
  });
}
