/** Facts of the plan about the sender of a packet and its frontend. */
import type { IpAddress } from '../../model/address.ts';
import { cidrContains } from '../../model/cidr.ts';
import type { Packet, TraceHost } from '../../model/packet.ts';
import type { Caller, Plan, ServicePortPlan } from '../../model/plan.ts';
import { isLocalAddress } from '../host.ts';
import {
  askBlocks,
  askWhetherLocal,
  askWhich,
  nameQuestion,
  nodePortPart,
  parts,
  type TraceScene,
  type Witness,
} from '../witness.ts';
import type { AddressFrontend, PlanIndex, PortTable } from './frontend-index.ts';

export interface PlanScene extends TraceScene {
  readonly plan: Plan;
  readonly index: PlanIndex;
}

/** A packet at NAT or the filter, possibly with a new destination and the masquerade mark. */
export interface Passage {
  readonly destination: IpAddress;
  readonly port: number;
  readonly rewritten: boolean;
  readonly marked: boolean;
}

/** The packet as it was sent. */
export function asSent({ destination, port }: Packet): Passage {
  return { destination, port, rewritten: false, marked: false };
}

/** The frontend that owns the packet's destination and port. */
export function frontendAt({ index, packet, witness }: PlanScene, passage: Passage): AddressFrontend | undefined {
  if (!passage.rewritten) askWhich(witness, 'destination', index.addresses);
  const isOpen = !passage.rewritten && witness?.isOpen('destination') === true;
  witness?.used(isOpen ? parts.frontends : passage.destination);
  const table = index.addresses.get(passage.destination);
  const frontend = table === undefined ? undefined : atPort(table, packet, passage, witness);
  if (frontend !== undefined) witness?.used(frontend.servicePort);
  return frontend;
}

/** The service port whose NodePort the packet is for, if NodePorts are open there. */
export function nodePortAt({ index, packet, witness }: PlanScene, passage: Passage): ServicePortPlan | undefined {
  const isOpen = !passage.rewritten && witness?.isOpen('port') === true;
  witness?.used(isOpen ? parts.nodePorts : nodePortPart(passage.port));
  const servicePort = atPort(index.nodePorts, packet, passage, witness);
  if (servicePort !== undefined) witness?.used(servicePort);
  return servicePort;
}

function atPort<T>(
  table: PortTable<T>,
  { protocol }: Packet,
  { port, rewritten }: Passage,
  witness: Witness | undefined,
): T | undefined {
  askWhich(witness, 'protocol', table);
  const ports = table.get(protocol);
  if (ports === undefined) return undefined;
  if (!rewritten) askWhich(witness, 'port', ports);
  return ports.get(port);
}

/** Whether the source ranges of the address, if any, accept the packet. */
export function isLetIn({ allowedSources }: AddressFrontend, { packet: { source }, witness }: PlanScene): boolean {
  if (allowedSources === undefined) return true;
  askBlocks(witness, 'source', allowedSources);
  return allowedSources.some((range) => cidrContains(range, source));
}

/** Whether NodePorts are open on this address. */
export function acceptsNodePorts({ nodePorts }: Plan, address: IpAddress, host: TraceHost): boolean {
  const { within, except } = nodePorts;
  return (
    isLocalAddress(address, host) &&
    within.some((block) => cidrContains(block, address)) &&
    (except === undefined || !cidrContains(except, address))
  );
}

/** Whether NodePorts are open at the packet's destination. */
export function isAtNodePorts(scene: PlanScene, passage: Passage): boolean {
  const { plan, host, witness } = scene;
  const { within, except } = plan.nodePorts;
  if (!isToThisNode(scene, passage)) return false;
  if (!passage.rewritten) askBlocks(witness, 'destination', except === undefined ? within : [...within, except]);
  return acceptsNodePorts(plan, passage.destination, host);
}

export function isToThisNode({ host, witness }: PlanScene, { destination, rewritten }: Passage): boolean {
  if (!rewritten) askWhetherLocal(witness, 'destination', host, destination);
  return isLocalAddress(destination, host);
}

export function isCaller(caller: Caller, scene: PlanScene): boolean {
  const { packet, host, witness } = scene;
  switch (caller) {
    case 'anyone':
      return true;
    case 'thisNode':
      askWhetherLocal(witness, 'source', host, packet.source);
      return isLocalAddress(packet.source, host);
    case 'localPod':
      return isLocalPod(scene);
    case 'notLocalPod':
      return !isLocalPod(scene);
    default:
      return caller satisfies never;
  }
}

/** Whether local detection counts the sender as a pod of this node. */
function isLocalPod({ plan, packet, witness }: PlanScene): boolean {
  const { localPods } = plan;
  const { source, inputInterface } = packet;
  switch (localPods.kind) {
    case 'unknown':
      return false;
    case 'everyone':
      return true;
    case 'sources':
      askBlocks(witness, 'source', [localPods.cidr]);
      return cidrContains(localPods.cidr, source);
    case 'interface':
      witness?.asked('inputInterface', nameQuestion(localPods.name, false));
      return inputInterface === localPods.name;
    case 'interfacePrefix':
      witness?.asked('inputInterface', nameQuestion(localPods.prefix, true));
      return inputInterface?.startsWith(localPods.prefix) ?? false;
    default:
      return localPods satisfies never;
  }
}
