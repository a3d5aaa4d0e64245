/** How well a caller reaches a Service, summed up from the exact distribution of its packets' outcomes. */
import type { Distribution } from '../model/packet.ts';
import { compare } from '../structures/rational.ts';
import type { EffectKind, Reachability } from './changes.ts';

/** One caller's reachability before and after. */
export interface Transition {
  readonly effect: EffectKind;
  readonly before: Reachability;
  readonly after: Reachability;
  readonly gained: number;
  readonly lost: number;
}

/** Undefined where nothing differs, probabilities included. */
export function transitionOf(before: Distribution, after: Distribution): Transition | undefined {
  if (isSame(before, after)) return undefined;
  const [endpointsBefore, endpointsAfter] = [endpointsOf(before), endpointsOf(after)];
  const gained = countMissing(endpointsAfter, endpointsBefore);
  const lost = countMissing(endpointsBefore, endpointsAfter);
  const reached = {
    before: reachabilityOf(before, endpointsBefore.size),
    after: reachabilityOf(after, endpointsAfter.size),
  };
  return {
    effect: effectOf(reached.before, reached.after, gained + lost),
    ...withoutSameSource(reached),
    gained,
    lost,
  };
}

function isSame(before: Distribution, after: Distribution): boolean {
  if (before.size !== after.size) return false;
  for (const [key, { probability }] of before) {
    const other = after.get(key);
    if (other === undefined || compare(probability, other.probability) !== 0) return false;
  }
  return true;
}

function reachabilityOf(distribution: Distribution, endpoints: number): Reachability {
  const outcomes = new Set<Reachability['outcomes'][number]>();
  const sources = new Set<'hidden' | 'visible'>();
  for (const { outcome } of distribution.values()) {
    outcomes.add(outcome.kind);
    if (outcome.kind === 'dnat') sources.add(outcome.masquerade ? 'hidden' : 'visible');
  }
  const [source] = sources;
  const clientAddress = sources.size > 1 ? ('mixed' as const) : source;
  return {
    outcomes: [...outcomes].toSorted(),
    endpoints,
    ...(clientAddress === undefined ? {} : { clientAddress }),
  };
}

/** Callers whose endpoints see the same source as before are alike, whatever that is. */
function withoutSameSource({ before, after }: { readonly before: Reachability; readonly after: Reachability }) {
  const isOther = after.clientAddress !== undefined && before.clientAddress !== undefined;
  if (isOther && before.clientAddress !== after.clientAddress) return { before, after };
  const { clientAddress: _, ...old } = before;
  const { clientAddress: __, ...now } = after;
  return { before: old, after: now };
}

function effectOf(before: Reachability, after: Reachability, otherEndpoints: number): EffectKind {
  if (before.endpoints > 0 && after.endpoints === 0) return 'cutOff';
  if (before.endpoints === 0) return after.endpoints > 0 ? 'reachable' : 'answer';
  const isSameElse = otherEndpoints === 0 && before.outcomes.join() === after.outcomes.join();
  return isSameElse && before.clientAddress !== after.clientAddress ? 'clientAddress' : 'endpoints';
}

function endpointsOf(distribution: Distribution): ReadonlySet<string> {
  const endpoints = new Set<string>();
  for (const { outcome } of distribution.values()) if (outcome.kind === 'dnat') endpoints.add(outcome.endpoint);
  return endpoints;
}

function countMissing(from: ReadonlySet<string>, within: ReadonlySet<string>): number {
  let missing = 0;
  for (const endpoint of from) if (!within.has(endpoint)) missing += 1;
  return missing;
}
