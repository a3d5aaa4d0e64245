/** A packet from hook to hook, as netfilter calls them. */
import type { IptablesRuleset, Table, TableName } from '../../iptables/ruleset.ts';
import { remember } from '../../structures/remember.ts';
import { isLocalAddress } from '../host.ts';
import { type Hook, isAsSent, type PacketState } from '../state.ts';
import { askWhetherLocal } from '../witness.ts';
import type { IptablesFlow } from './flow.ts';
import type { IptablesScene } from './match.ts';
import { type IptablesWalk, type Result, walkTable } from './walk.ts';

/** What stays the same from one table to the next. */
export interface Journey extends Omit<IptablesWalk, 'table' | 'hook'> {
  readonly ruleset: IptablesRuleset;
}

/** `arrived`: it left the node or was delivered here. */
export interface Arrival {
  readonly kind: 'arrived' | 'drop' | 'reject';
  readonly flow: IptablesFlow;
}

/** The tables at each hook, by priority (include/uapi/linux/netfilter_ipv4.h). */
const tablesAt: Readonly<Record<Hook, readonly TableName[]>> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
};

/** From one hook to the end of all ways that open there. */
export function travel(journey: Journey, hook: Hook, entering: IptablesFlow): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  let live: readonly IptablesFlow[] = [withInterface(hook, entering, journey.scene)];
  for (const table of tablesFor(journey.ruleset, hook)) {
    const next: IptablesFlow[] = [];
    for (const each of live) {
      for (const { verdict, flow } of throughTable(journey, hook, table, each)) {
        if (verdict === 'drop' || verdict === 'reject') arrivals.push({ kind: verdict, flow });
        else next.push(verdict === 'accept' && isLettingIn(table.name, hook) ? withState(flow, { letIn: true }) : flow);
      }
    }
    live = next;
  }
  for (const flow of live) arrivals.push(...depart(journey, hook, asTracked(flow)));
  return arrivals;
}

const tables = new WeakMap<IptablesRuleset, Map<Hook, readonly Table[]>>();

/** The tables of the ruleset that are asked at the hook, in order. */
function tablesFor(ruleset: IptablesRuleset, hook: Hook): readonly Table[] {
  const ofRuleset = remember(tables, ruleset, () => new Map());
  return remember(ofRuleset, hook, () =>
    tablesAt[hook].flatMap((name) => ruleset.tables.filter((table) => table.name === name).slice(0, 1)),
  );
}

function throughTable(journey: Journey, hook: Hook, table: Table, entering: IptablesFlow): readonly Result[] {
  // Conntrack looks at packets after the raw table and before all others.
  const flow = table.name === 'raw' ? entering : asTracked(entering);
  // nf_nat_inet_fn asks once in each direction of a connection: a packet that loops back has been asked for both.
  if (table.name === 'nat' && flow.state.looped) return [{ verdict: 'end', flow }];
  return walkTable({ ...journey, table, hook }, flow);
}

function asTracked(flow: IptablesFlow): IptablesFlow {
  return flow.state.tracked ? flow : withState(flow, { tracked: true });
}

/** From a hook that let the packet through to the next one, or to where it stays. */
function depart(journey: Journey, hook: Hook, flow: IptablesFlow): readonly Arrival[] {
  switch (hook) {
    case 'PREROUTING':
      return travel(journey, isToThisNode(flow.state, journey.scene) ? 'INPUT' : 'FORWARD', flow);
    case 'FORWARD':
    case 'OUTPUT':
      return travel(journey, 'POSTROUTING', flow);
    case 'POSTROUTING':
      // Sent to this node itself: the loopback device hands the packet back, with its connection and mark.
      if (!isToThisNode(flow.state, journey.scene)) return [{ kind: 'arrived', flow }];
      return travel(journey, 'PREROUTING', withState(flow, { inputInterface: 'lo', looped: true }));
    case 'INPUT':
      return [{ kind: 'arrived', flow }];
    default:
      return hook satisfies never;
  }
}

/** At OUTPUT it is the interface that the packet would leave by without DNAT: the hook's state is made once for all. */
function withInterface(hook: Hook, flow: IptablesFlow, scene: IptablesScene): IptablesFlow {
  const isNone = hook === 'PREROUTING' || hook === 'INPUT';
  const outputInterface = isNone ? '' : isToThisNode(flow.state, scene) ? 'lo' : undefined;
  return outputInterface === flow.state.outputInterface ? flow : withState(flow, { outputInterface });
}

function isToThisNode(state: PacketState, { host, witness }: IptablesScene): boolean {
  if (isAsSent(state, 'destination')) askWhetherLocal(witness, 'destination', host, state.destination);
  return isLocalAddress(state.destination, host);
}

function isLettingIn(table: TableName, hook: Hook): boolean {
  return table === 'filter' && (hook === 'INPUT' || hook === 'FORWARD');
}

function withState(flow: IptablesFlow, change: Partial<PacketState>): IptablesFlow {
  return { ...flow, state: { ...flow.state, ...change } };
}
