/** What a turn of the sync loop did, in a line or a few: what changed, what was lost, what failed and what to do. */
import { type Diagnostic, describeObject } from '../../core/diagnostics.ts';
import type { ChangeCounts } from '../../core/structures/named-difference.ts';
import type { FamilyReport, SyncReport } from '../sync-report.ts';
import type { Log, LogFields } from './log.ts';

/** More lines than this about one turn are summed up, so that a start with bad objects does not bury the rest. */
const maxLines = 50;

/**
 * A function that logs one report after the other. A diagnostic or a quarantined Service is told when it appears and
 * when it is gone, not every time in between: that is what is remembered.
 */
export function createSyncLog(log: Log): (report: SyncReport) => void {
  let diagnostics: ReadonlyMap<string, Diagnostic> = new Map();
  let quarantined: ReadonlyMap<string, LogFields> = new Map();

  return (report) => {
    logFamilies(log, report);

    const standing = new Map(report.diagnostics.map((diagnostic) => [keyOf(diagnostic), diagnostic]));
    const methods = { error: log.error, warning: log.warn, info: log.info };
    tell(missing(standing, diagnostics), log, (diagnostic) =>
      methods[diagnostic.severity](describe(diagnostic), { code: diagnostic.code }),
    );
    tell(missing(diagnostics, standing), log, (diagnostic) =>
      log.info(`No longer: ${describe(diagnostic)}`, { code: diagnostic.code }),
    );
    diagnostics = standing;

    const kept = new Map(report.families.flatMap(keptServices));
    tell(missing(kept, quarantined), log, (service) =>
      log.error('The kernel refuses what a Service has become, so its rules are kept as they were', service),
    );
    tell(missing(quarantined, kept), log, (service) => log.info('The kernel accepts a Service again', service));
    quarantined = kept;
  };
}

function logFamilies(log: Log, report: SyncReport): void {
  const { number, cause, changes, compileMs, families } = report;
  for (const family of families) {
    if (family.lost.length > 0) {
      const more = family.lost.length > maxLines ? { more: family.lost.length - maxLines } : {};
      const [what, say] =
        family.result === 'failed' ? (['Lost', log.error] as const) : (['Put back what was lost', log.warn] as const);
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
  if (families.some(({ result }) => result === 'applied')) log.info('Synced', fields);
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

function keyOf({ code, object, field, problem }: Diagnostic): string {
  return JSON.stringify([code, object.kind, object.namespace, object.name, field, problem]);
}

function describe({ object, field, problem, remedy }: Diagnostic): string {
  const place = field === '' ? '' : ` ${field}`;
  return `${describeObject(object)}${place}: ${problem}; ${remedy}`;
}

function keptServices({ family, quarantined }: FamilyReport): readonly (readonly [string, LogFields])[] {
  return quarantined.map((service) => [`${family} ${service}`, { service, family }]);
}

/** The values of those keys of `all` that are not in `others`. */
function missing<T>(all: ReadonlyMap<string, T>, others: ReadonlyMap<string, T>): readonly T[] {
  return [...all].filter(([key]) => !others.has(key)).map(([, value]) => value);
}

function tell<T>(values: readonly T[], log: Log, say: (value: T) => void): void {
  for (const value of values.slice(0, maxLines)) say(value);
  if (values.length > maxLines) log.warn('And more of that kind', { more: values.length - maxLines });
}
