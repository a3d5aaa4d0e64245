/** Which UDP flows the Services account for: where they were sent to, and who may answer them. */
import { type IpFamily, ipFamilies, type PerFamily } from '../../core/model/address.ts';
import type { Plan, ServicePortPlan } from '../../core/model/plan.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import { servingEndpoints } from '../../core/plan/serving.ts';
import { emptySnapshot } from '../../core/snapshot/snapshot.ts';
import { changedValues } from '../../core/structures/chunked.ts';
import { type Endpoint, endpointText, type StaleFlows } from './entry.ts';

/** What the node does now: the plans that were applied, and the snapshots that they were made of. */
export interface NodeState {
  readonly plans: PerFamily<Plan>;
  readonly snapshots: PerFamily<Snapshot>;
}

/**
 * `isGone`: the Service does not have this frontend any more. Another Service may have its address now, so only flows
 * that one of its endpoints answers are known to be its own.
 */
interface UdpTarget {
  readonly serving: ReadonlySet<Endpoint>;
  readonly isGone: boolean;
}

/** By where a client sends to. A flow to a frontend of an address never counts as one to a NodePort. */
export interface UdpTargets {
  readonly frontends: ReadonlyMap<Endpoint, UdpTarget>;
  /** By the port's text. */
  readonly nodePorts: ReadonlyMap<string, UdpTarget>;
}

export const noTargets: UdpTargets = { frontends: new Map(), nodePorts: new Map() };

/** The targets of one family; none where the family has no plan. */
export function udpTargets({ plans, snapshots }: NodeState, family: IpFamily): UdpTargets {
  const snapshot = snapshots[family] ?? emptySnapshot;
  const frontends = new Map<Endpoint, UdpTarget>();
  const nodePorts = new Map<string, UdpTarget>();
  for (const servicePort of udpPorts(plans[family])) {
    const { clusterIp, external, nodePort } = servicePort.frontends;
    const endpoints = servingEndpoints(servicePort, family, snapshot);
    const serving = new Set(endpoints.map(({ address, port }) => endpointText(address, port)));
    const target: UdpTarget = { serving, isGone: false };
    const addresses = [...(clusterIp === undefined ? [] : [clusterIp]), ...external.map(({ address }) => address)];
    for (const address of addresses) frontends.set(endpointText(address, servicePort.port), target);
    if (nodePort !== undefined) nodePorts.set(String(nodePort), target);
  }
  return { frontends, nodePorts };
}

/** `now`, and what was there `before` and is not any more. */
export function withGone(before: UdpTargets, now: UdpTargets): UdpTargets {
  return {
    frontends: united(before.frontends, now.frontends),
    nodePorts: united(before.nodePorts, now.nodePorts),
  };
}

function united(
  before: ReadonlyMap<string, UdpTarget>,
  now: ReadonlyMap<string, UdpTarget>,
): ReadonlyMap<string, UdpTarget> {
  const all = new Map(now);
  for (const [key, { serving }] of before) if (!now.has(key)) all.set(key, { serving, isGone: true });
  return all;
}

/**
 * What a flow to this destination belongs to, if to any Service. What a Service has goes before what one had, and then
 * a frontend with an address of its own before a NodePort.
 */
export function targetOf(
  { frontends, nodePorts }: UdpTargets,
  nodeAddresses: ReadonlySet<string>,
  destination: Endpoint,
): UdpTarget | undefined {
  const frontend = frontends.get(destination);
  if (frontend?.isGone === false) return frontend;
  const [address = '', port = ''] = destination.split(' ');
  const nodePort = nodeAddresses.has(address) ? nodePorts.get(port) : undefined;
  return nodePort?.isGone === false ? nodePort : (frontend ?? nodePort);
}

/** Of a flow that this source answers: which flows to its destination are known to be stale with it, if it is. */
export function staleFlows(target: UdpTarget, destination: Endpoint, replySource: Endpoint): StaleFlows | undefined {
  const { serving, isGone } = target;
  const isStale = isGone ? serving.has(replySource) && replySource !== destination : !serving.has(replySource);
  if (!isStale) return undefined;
  const isEveryFlow = !isGone && serving.size === 0;
  return { destination, replySource: isEveryFlow ? undefined : replySource };
}

/** Whether flows can have become stale from one state to the next. */
export function udpChanged(before: PerFamily<Plan>, after: PerFamily<Plan>): boolean {
  return ipFamilies.some((family) => {
    const [old, now] = [before[family], after[family]];
    if (old?.nodePorts !== now?.nodePorts) return true;
    const { gone, come } = changedValues(old?.servicePorts ?? [], now?.servicePorts ?? []);
    return [...gone, ...come].some(isUdp);
  });
}

/** TCP and SCTP notice that an endpoint is gone; a UDP client would go on sending for ever. */
function udpPorts(plan: Plan | undefined): readonly ServicePortPlan[] {
  return (plan?.servicePorts ?? []).flat().filter(isUdp);
}

function isUdp({ id }: ServicePortPlan): boolean {
  return id.protocol === 'UDP';
}
