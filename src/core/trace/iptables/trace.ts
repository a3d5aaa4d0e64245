/**
 * Traces a packet through an iptables ruleset. The packet opens a connection, and routing is assumed to deliver it:
 * forwarding is on, and so is route_localnet for packets to or from 127.0.0.0/8.
 */
import type { IptablesRuleset, Table, TableName } from '../../iptables/ruleset.ts';
import type { Packet, TraceHost } from '../../model/packet.ts';
import { memoize } from '../../structures/memoize.ts';
import { isLocal } from '../netfilter/fields.ts';
import { withState } from '../netfilter/flow.ts';
import {
  type HookStage,
  type RulesPaths,
  type RulesTrace,
  type RulesWalk,
  tracePaths,
  traceRules,
} from '../netfilter/hooks.ts';
import { problemLog } from '../netfilter/problem.ts';
import type { HookName } from '../netfilter/state.ts';
import type { TraceScene, Witness } from '../witness.ts';
import { type Dyadic, dyadicWeights } from './dyadic.ts';
import type { IptablesProblem } from './problem.ts';
import { type IptablesFlow, type IptablesStep, walkTable } from './walk.ts';

/** The distribution of outcomes of the packet. */
export function traceIptables(
  ruleset: IptablesRuleset,
  packet: Packet,
  host: TraceHost,
  witness?: Witness,
): RulesTrace<IptablesProblem> {
  return traceRules(walkOf(ruleset, { packet, host, witness }, false));
}

/** Every path that the packet can take, rule by rule. */
export function traceIptablesSteps(
  ruleset: IptablesRuleset,
  packet: Packet,
  host: TraceHost,
): RulesPaths<IptablesStep, IptablesProblem> {
  return tracePaths(walkOf(ruleset, { packet, host, witness: undefined }, true));
}

interface TableStage extends HookStage {
  readonly table: Table;
}

function walkOf(
  ruleset: IptablesRuleset,
  trace: TraceScene,
  recordSteps: boolean,
): RulesWalk<TableStage, Dyadic, IptablesStep, IptablesProblem> {
  const stages = stagesOf(ruleset);
  const scene = { ...trace, nat: ruleset.tables.find(({ name }) => name === 'nat') };
  // Each rule is reported once, even if many paths meet it.
  const log = problemLog<IptablesProblem>(({ table, chain, rule }) => `${table} ${chain} ${rule}`);
  return {
    scene,
    log,
    weights: dyadicWeights,
    stagesAt: (hook) => stages[hook],
    walkStage: ({ table }, hook, flow) => walkTable({ table, hook, scene, log, recordSteps }, flow),
    enterHook: (hook, flow) => withInterface(hook, flow, scene),
  };
}

/** The tables at each hook, by priority (include/uapi/linux/netfilter_ipv4.h). */
const tablesAt: Readonly<Record<HookName, readonly TableName[]>> = {
  prerouting: ['raw', 'mangle', 'nat'],
  input: ['mangle', 'filter', 'security', 'nat'],
  forward: ['mangle', 'filter', 'security'],
  output: ['raw', 'mangle', 'nat', 'filter', 'security'],
  postrouting: ['mangle', 'nat'],
};

const stagesOf = memoize(({ tables }: IptablesRuleset): Readonly<Record<HookName, readonly TableStage[]>> => {
  const at = (hook: HookName): readonly TableStage[] =>
    tablesAt[hook].flatMap((name) => {
      const table = tables.find((each) => each.name === name);
      if (table === undefined) return [];
      const letsIn = name === 'filter' && (hook === 'input' || hook === 'forward');
      // Conntrack sees packets after the raw table and before all other tables.
      return [{ table, isNat: name === 'nat', isTracked: name !== 'raw', letsIn }];
    });
  return {
    prerouting: at('prerouting'),
    input: at('input'),
    forward: at('forward'),
    output: at('output'),
    postrouting: at('postrouting'),
  };
});

/** At OUTPUT, the outgoing interface before DNAT: the hook's state is set once for all tables. */
function withInterface(hook: HookName, flow: IptablesFlow, scene: TraceScene): IptablesFlow {
  const isNone = hook === 'prerouting' || hook === 'input';
  const outputInterface = isNone ? '' : isLocal('destination', flow.state, scene) ? 'lo' : undefined;
  return outputInterface === flow.state.outputInterface ? flow : withState(flow, { outputInterface });
}
