/** Tells the owners of Services about conflicts, once when they begin. */
import type { Diagnostic } from '../core/diagnostics.ts';
import { namespacedName } from '../core/model/objects.ts';
import type { SyncReport } from '../observe/sync-report.ts';
import type { ConflictReason, OwnerNotice } from './owner-notice.ts';

/** By the code of the diagnostic. */
const reasons = {
  'frontend-conflict': 'FrontendConflict',
  'frontend-contested': 'FrontendContested',
  'external-ip-refused': 'ExternalIPRefused',
} as const satisfies Readonly<Record<string, ConflictReason>>;

/** So many conflicts are remembered as told: with more, some are told again. */
const mostKnown = 10_000;

/** Follows the reports of turns. */
export function conflictFollower({
  onConflict,
}: {
  readonly onConflict: (notice: OwnerNotice) => void;
}): (report: Pick<SyncReport, 'diagnostics'>) => void {
  let known: ReadonlySet<string> = new Set();
  return ({ diagnostics }) => {
    const now = new Set<string>();
    for (const diagnostic of diagnostics) {
      const notice = noticeOf(diagnostic);
      if (notice === undefined) continue;
      const { reason, namespace, name, rival = '' } = notice;
      const key = [reason, namespace, name, rival].join(' ');
      // Both families may have the same conflict: the first is told.
      if (!known.has(key) && !now.has(key)) onConflict(notice);
      if (now.size < mostKnown) now.add(key);
    }
    known = now;
  };
}

function noticeOf({ code, object, problem, remedy, rival }: Diagnostic): OwnerNotice | undefined {
  const { namespace, name } = object;
  if (!isConflict(code) || namespace === undefined) return undefined;
  const message = `${problem}; ${remedy}`;
  const other = rival?.namespace === undefined ? '' : namespacedName({ ...rival, namespace: rival.namespace });
  return { reason: reasons[code], namespace, name, message, rival: other === '' ? problem : other };
}

function isConflict(code: string): code is keyof typeof reasons {
  return Object.hasOwn(reasons, code);
}
