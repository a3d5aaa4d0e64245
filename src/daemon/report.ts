/** What a turn did, as a value for logs, metrics and debug pages. */
import type { Plan, Route, ServicePortPlan } from '../core/model/plan.ts';
import { rulesByTable } from '../core/rules.ts';
import { memoize } from '../core/structures/memoize.ts';
import type { ChangeCounts } from '../core/structures/named-difference.ts';
import type { FamilyReport, SyncReport } from '../observe/sync-report.ts';
import type { Family, FamilyTurn } from './family.ts';
import type { Batch } from './inbox.ts';

/** What is known of a turn when it is over. */
export interface TurnRecord extends Pick<SyncReport, 'number' | 'cause' | 'startedAtMs'> {
  readonly batch: Batch;
  /** In the order of the families; those at the end may be missing. */
  readonly turns: readonly SettledTurn[];
  /** Diagnostics of objects that could not be read. */
  readonly found: SyncReport['diagnostics'];
}

/** A family's turn, with the trigger times of the changes that it programmed. */
export interface SettledTurn extends FamilyTurn, Pick<FamilyReport, 'triggeredAtMs'> {}

/** The report of a turn; `families` in the order of `turns`. */
export function makeReport(
  { number, cause, startedAtMs, batch, turns, found }: TurnRecord,
  { families }: { readonly families: readonly Family[] },
): SyncReport {
  const diagnostics = new Map(
    [...found, ...turns.flatMap((each) => each.diagnostics)].map((each) => [JSON.stringify(each), each]),
  );
  return {
    number,
    cause,
    startedAtMs,
    ...(batch.queuedAtWallMs === undefined ? {} : { queuedAtMs: batch.queuedAtWallMs }),
    compileMs: turns.reduce((sum, { timings }) => sum + timings.compileMs, 0),
    changes: batch.changes,
    families: turns.flatMap((turn, i) => {
      const family = families[i];
      return family === undefined ? [] : [familyReport(turn, family)];
    }),
    diagnostics: [...diagnostics.values()],
  };
}

function familyReport(turn: SettledTurn, { programmed }: Family): FamilyReport {
  const { problem, sent, timings, lost, quarantined, triggeredAtMs } = turn;
  const { kernel, rules, plan } = programmed;
  return {
    family: kernel.family,
    mode: kernel.mode,
    result: problem !== undefined ? 'failed' : sent.length === 0 ? 'unchanged' : 'applied',
    diffMs: timings.diffMs,
    applyMs: timings.applyMs,
    lockWaitMs: timings.lockWaitMs,
    text: sent.map(({ text }) => text).join(''),
    summary: addUp(sent.map(({ summary }) => summary)),
    ...(problem === undefined ? {} : { problem }),
    lost,
    quarantined,
    triggeredAtMs,
    rules: rules === undefined ? {} : countRules(rules.ruleset),
    withoutLocalEndpoints: plan === undefined ? { internal: 0, external: 0 } : withoutLocalEndpoints(plan),
  };
}

function addUp(summaries: readonly FamilyReport['summary'][]): FamilyReport['summary'] {
  const total: { [kind: string]: ChangeCounts } = {};
  for (const summary of summaries) {
    for (const [kind, { added, changed, removed }] of Object.entries(summary)) {
      const sum = total[kind] ?? { added: 0, changed: 0, removed: 0 };
      total[kind] = { added: sum.added + added, changed: sum.changed + changed, removed: sum.removed + removed };
    }
  }
  return total;
}

const countRules = memoize(rulesByTable);

/** Of all service ports; the count of an unchanged chunk is remembered. */
function withoutLocalEndpoints({ servicePorts }: Plan): FamilyReport['withoutLocalEndpoints'] {
  let [internal, external] = [0, 0];
  for (const chunk of servicePorts) {
    const counted = countWithoutLocal(chunk);
    internal += counted.internal;
    external += counted.external;
  }
  return { internal, external };
}

/** A route that drops has endpoints somewhere, but none that its traffic may reach: none on this node. */
const countWithoutLocal = memoize((chunk: readonly ServicePortPlan[]): FamilyReport['withoutLocalEndpoints'] => {
  const drops = (route: Route): boolean => route.at(-1)?.action.kind === 'drop';
  const hasExternal = ({ frontends }: ServicePortPlan): boolean =>
    frontends.external.length > 0 || frontends.nodePort !== undefined;
  return {
    internal: chunk.filter(({ internal }) => drops(internal)).length,
    external: chunk.filter((port) => drops(port.external) && hasExternal(port)).length,
  };
});
