/** What happens to traffic, by who sends it: traffic policies and masquerading end here. */
import type { Service } from '../model/objects.ts';
import type { Action, Branch, PoolName, Route } from '../model/plan.ts';
import type { FamilyContext } from './context.ts';
import type { SelectedPools } from './endpoints.ts';

/**
 * Traffic to the cluster IP. Only sources that are not pods of this node are masqueraded, so that answers to clients
 * outside the cluster come back through this node; where pods cannot be told from others, no source is.
 */
export function internalRoute(service: Service, pools: SelectedPools, context: FamilyContext): Route {
  const pool = service.internalTrafficPolicy === 'Local' ? 'local' : 'cluster';
  const refusal = refusalOf(pool, pools);
  if (refusal !== undefined) return [{ caller: 'anyone', action: refusal }];
  if (context.masqueradeAll) return [balance('anyone', pool, true)];
  const { kind } = context.localPods;
  if (kind === 'unknown' || kind === 'everyone') return [balance('anyone', pool, false)];
  return [balance('notLocalPod', pool, true), balance('anyone', pool, false)];
}

/**
 * Traffic to external addresses and NodePorts. With Cluster policy it may leave the node again, so it is masqueraded.
 * With Local policy it keeps its source, and what starts on this node takes a short cut to all endpoints, as if it had
 * gone out to a load balancer and come back: pods unmasqueraded, the node itself masqueraded since it may have sent
 * with the load balancer's address.
 */
export function externalRoute(service: Service, pools: SelectedPools, context: FamilyContext): Route {
  if (!pools.hasAny) return [{ caller: 'anyone', action: { kind: 'reject' } }];
  if (service.externalTrafficPolicy === 'Cluster') return [balance('anyone', 'cluster', true)];
  const { kind } = context.localPods;
  if (kind === 'everyone') return [balance('anyone', 'cluster', false)];
  const shortCuts: Branch[] =
    kind === 'unknown'
      ? [balance('thisNode', 'cluster', true)]
      : [balance('localPod', 'cluster', false), balance('thisNode', 'cluster', true)];
  const refusal = refusalOf('local', pools);
  const rest: Branch =
    refusal === undefined ? balance('anyone', 'local', false) : { caller: 'anyone', action: refusal };
  return [...shortCuts, rest];
}

/**
 * Nothing anywhere: refused, so that clients fail at once. Something, but not in this pool: dropped, as it may come.
 */
function refusalOf(pool: PoolName, pools: SelectedPools): Action | undefined {
  if (!pools.hasAny) return { kind: 'reject' };
  return pools[pool].length === 0 ? { kind: 'drop' } : undefined;
}

function balance(caller: Branch['caller'], pool: PoolName, masquerade: boolean): Branch {
  return { caller, action: { kind: 'balance', pool, masquerade } };
}
