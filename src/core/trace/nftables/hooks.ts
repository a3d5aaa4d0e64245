/** A packet from hook to hook, as netfilter calls the base chains of a ruleset. */
import { joinFlows, type NftablesFlow, withState } from './flow.ts';
import { isLocal } from './match.ts';
import { callsAt, type HookCall, type HookName } from './ruleset-index.ts';
import { type NftablesWalk, type Result, walkBaseChain } from './walk.ts';

/** `arrived`: it left the node or was delivered here. */
export interface Arrival {
  readonly kind: 'arrived' | 'drop' | 'reject';
  readonly flow: NftablesFlow;
}

/** From one hook to the end of all ways that open there. */
export function travel(journey: NftablesWalk, hook: HookName, entering: NftablesFlow): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  let live: readonly NftablesFlow[] = [entering];
  for (const call of callsAt(journey.scene.ruleset, hook)) {
    const next: NftablesFlow[] = [];
    for (const each of live) {
      for (const { verdict, flow } of carryOut(journey, hook, call, each)) {
        if (verdict === 'drop' || verdict === 'reject') arrivals.push({ kind: verdict, flow });
        else next.push(flow);
      }
    }
    live = joinFlows(next);
  }
  for (const flow of live) arrivals.push(...depart(journey, hook, asTracked(flow)));
  return arrivals;
}

function asTracked(flow: NftablesFlow): NftablesFlow {
  return flow.state.tracked ? flow : withState(flow, { tracked: true });
}

/** Conntrack looks at packets between the chains below this priority and those above (NF_IP_PRI_CONNTRACK). */
const conntrackPriority = -200;

function carryOut(journey: NftablesWalk, hook: HookName, call: HookCall, entering: NftablesFlow): readonly Result[] {
  const flow = call.priority > conntrackPriority ? asTracked(entering) : entering;
  // nf_nat_inet_fn asks once in each direction of a connection: a packet that loops back has been asked for both.
  if (call.type === 'nat' && flow.state.looped) return [{ verdict: 'end', flow }];
  const results: Result[] = [];
  let live: readonly NftablesFlow[] = [flow];
  for (const chain of call.chains) {
    const next: NftablesFlow[] = [];
    for (const result of live.flatMap((each) => walkBaseChain(journey, chain, each))) {
      // An address that was rewritten stays so: the other nat chains are not asked.
      if (result.verdict === 'end' || result.verdict === 'accept') next.push(noteAccept(hook, call, result));
      else results.push(result);
    }
    live = next;
  }
  return [...results, ...live.map((each): Result => ({ verdict: 'end', flow: each }))];
}

function noteAccept(hook: HookName, { type }: HookCall, { verdict, flow }: Result): NftablesFlow {
  return verdict === 'accept' && type === 'filter' && hook === 'input' ? withState(flow, { letIn: true }) : flow;
}

/** From a hook that let the packet through to the next one, or to where it stays. */
function depart(journey: NftablesWalk, hook: HookName, flow: NftablesFlow): readonly Arrival[] {
  switch (hook) {
    case 'prerouting':
      return travel(journey, isToThisNode(flow, journey) ? 'input' : 'forward', flow);
    case 'forward':
    case 'output':
      return travel(journey, 'postrouting', flow);
    case 'postrouting':
      // Sent to this node itself: the loopback device hands the packet back, with its connection and mark.
      if (!isToThisNode(flow, journey)) return [{ kind: 'arrived', flow }];
      return travel(journey, 'prerouting', withState(flow, { inputInterface: 'lo', looped: true }));
    case 'input':
      return [{ kind: 'arrived', flow }];
    default:
      return hook satisfies never;
  }
}

function isToThisNode({ state }: NftablesFlow, { scene }: NftablesWalk): boolean {
  return isLocal('destination', state, scene);
}
