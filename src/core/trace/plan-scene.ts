/** What the plan says about who sends a packet, and where it may go in. */
import type { IpAddress } from '../model/address.ts';
import { cidrContains } from '../model/cidr.ts';
import type { Packet, TraceHost } from '../model/packet.ts';
import type { Caller, Plan } from '../model/plan.ts';
import { isLocalAddress } from './host.ts';
import type { AddressFrontend, PlanIndex } from './plan-index.ts';

export interface Scene {
  readonly plan: Plan;
  readonly index: PlanIndex;
  readonly packet: Packet;
  readonly host: TraceHost;
}

/** Whether the address's source ranges, if it has any, let the packet in. */
export function isLetIn({ allowedSources }: AddressFrontend, { source }: Packet): boolean {
  return allowedSources === undefined || allowedSources.some((range) => cidrContains(range, source));
}

/** Whether the node answers NodePorts on this address. */
export function acceptsNodePorts({ nodePorts }: Plan, address: IpAddress, host: TraceHost): boolean {
  const { within, except } = nodePorts;
  return (
    isLocalAddress(address, host) &&
    within.some((block) => cidrContains(block, address)) &&
    (except === undefined || !cidrContains(except, address))
  );
}

export function isCaller(caller: Caller, { plan, packet, host }: Scene): boolean {
  switch (caller) {
    case 'anyone':
      return true;
    case 'thisNode':
      return isLocalAddress(packet.source, host);
    case 'localPod':
      return isLocalPod(plan, packet);
    case 'notLocalPod':
      return !isLocalPod(plan, packet);
    default:
      return caller satisfies never;
  }
}

/** Whether the node's local detection takes the sender for a pod of this node. */
function isLocalPod({ localPods }: Plan, { source, inputInterface }: Packet): boolean {
  switch (localPods.kind) {
    case 'unknown':
      return false;
    case 'everyone':
      return true;
    case 'sources':
      return cidrContains(localPods.cidr, source);
    case 'interface':
      return inputInterface === localPods.name;
    case 'interfacePrefix':
      return inputInterface?.startsWith(localPods.prefix) ?? false;
    default:
      return localPods satisfies never;
  }
}
