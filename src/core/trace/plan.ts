/**
 * A packet through the plan: the reference that rulesets are held against. It goes the way of netfilter, since that is
 * where all backends live: first the destination is rewritten, then the filter lets the packet through or not.
 */
import { familyOf, formatHostPort, type IpAddress } from '../model/address.ts';
import { cidrContains, loopbackBlocks } from '../model/cidr.ts';
import type { Distribution, Outcome, Packet, TraceHost } from '../model/packet.ts';
import type { Action, Caller, Plan, PlannedEndpoint, Route, ServicePortPlan } from '../model/plan.ts';
import { rational } from '../model/rational.ts';
import { certain, mix } from './distribution.ts';
import { isLocalAddress } from './host.ts';
import { type AddressFrontend, indexPlan, type PlanIndex, type PortTable } from './plan-index.ts';
import {
  addressQuestion,
  askBlocks,
  askProtocol,
  askWhetherLocal,
  askWhetherSent,
  askWhich,
  nameQuestion,
  nodePortPart,
  parts,
  type Witness,
  whichOf,
} from './witness.ts';

/** What becomes of a packet that opens a connection, by the plan alone. */
export function tracePlan(plan: Plan, packet: Packet, host: TraceHost, witness?: Witness): Distribution {
  if (familyOf(packet.destination) !== plan.family) return certain({ kind: 'pass' });
  const scene: Scene = { plan, index: indexPlan(plan), packet, host, witness };
  const decision = balancing(scene);
  if (decision === undefined)
    return certain(filtered(scene, { ...packet, rewritten: false, marked: false }) ?? { kind: 'pass' });
  const endpoints = eligible(decision, scene);
  const probability = rational(1n, BigInt(endpoints.length));
  return mix(endpoints.map((endpoint) => ({ probability, outcome: arrival(scene, decision, endpoint) })));
}

interface Scene {
  readonly plan: Plan;
  readonly index: PlanIndex;
  readonly packet: Packet;
  readonly host: TraceHost;
  readonly witness: Witness | undefined;
}

type Balance = Extract<Action, { kind: 'balance' }>;

interface Decision {
  readonly servicePort: ServicePortPlan;
  readonly action: Balance;
}

/** The frontend that sends the packet on: an address of its own before a NodePort. */
function balancing(scene: Scene): Decision | undefined {
  const passage: Passage = { ...scene.packet, rewritten: false, marked: false };
  const frontend = frontendAt(scene, passage);
  const byAddress =
    frontend !== undefined && isLetIn(frontend, scene)
      ? decide(frontend.servicePort, frontend.route, scene)
      : undefined;
  if (byAddress !== undefined) return byAddress;
  if (!acceptsNodePorts(scene, passage)) return undefined;
  const servicePort = nodePortAt(scene, passage);
  return servicePort === undefined ? undefined : decide(servicePort, servicePort.external, scene);
}

function frontendAt({ index, packet, witness }: Scene, passage: Passage): AddressFrontend | undefined {
  if (!passage.rewritten) askWhich(witness, 'destination', index.addresses);
  const isOpen = !passage.rewritten && witness?.isOpen('destination') === true;
  witness?.used(isOpen ? parts.frontends : passage.destination);
  const table = index.addresses.get(passage.destination);
  const frontend = table === undefined ? undefined : atPort(table, packet, passage, witness);
  if (frontend !== undefined) witness?.used(frontend.servicePort);
  return frontend;
}

function nodePortAt({ index, packet, witness }: Scene, passage: Passage): ServicePortPlan | undefined {
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

function decide(servicePort: ServicePortPlan, route: Route, scene: Scene): Decision | undefined {
  const action = route.find(({ caller }) => isCaller(caller, scene))?.action;
  return action?.kind === 'balance' ? { servicePort, action } : undefined;
}

function isLetIn({ allowedSources }: AddressFrontend, { packet: { source }, witness }: Scene): boolean {
  if (allowedSources === undefined) return true;
  askBlocks(witness, 'source', allowedSources);
  return allowedSources.some((range) => cidrContains(range, source));
}

function acceptsNodePorts(scene: Scene, passage: Passage): boolean {
  const { within, except } = scene.plan.nodePorts;
  const { destination } = passage;
  if (!isToThisNode(scene, passage)) return false;
  if (!passage.rewritten) askBlocks(scene.witness, 'destination', except === undefined ? within : [...within, except]);
  return (
    within.some((block) => cidrContains(block, destination)) &&
    (except === undefined || !cidrContains(except, destination))
  );
}

function isToThisNode({ host, witness }: Scene, { destination, rewritten }: Passage): boolean {
  if (!rewritten) askWhetherLocal(witness, 'destination', host, destination);
  return isLocalAddress(destination, host);
}

function isCaller(caller: Caller, scene: Scene): boolean {
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

function isLocalPod({ plan: { localPods }, packet: { source, inputInterface }, witness }: Scene): boolean {
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

/** All endpoints of the pool, or the one that affinity remembers for this client. */
function eligible({ servicePort, action }: Decision, { packet, witness }: Scene): readonly PlannedEndpoint[] {
  const pool = servicePort.pools[action.pool];
  if (servicePort.affinityTimeoutSeconds === undefined) return pool;
  const names = pool.map(({ address, port }) => formatHostPort(address, port));
  if (witness?.isOpen('remembered') === true)
    witness.asked('remembered', whichOf('remembered', { values: names, tellsApart: true }));
  const known = pool.filter((_, i) => names[i] === packet.remembered);
  return known.length > 0 ? known : pool;
}

/** What becomes of a packet that was given this endpoint: even then the filter can still refuse it. */
function arrival(scene: Scene, { action }: Decision, { address, port, locality }: PlannedEndpoint): Outcome {
  const { packet, host, witness } = scene;
  if (locality !== 'remote' && witness?.isOpen('source') === true) witness.asked('source', addressQuestion(address));
  const hairpin = locality !== 'remote' && packet.source === address;
  const marked = action.masquerade || hairpin;
  const verdict = filtered(scene, { destination: address, port, rewritten: true, marked });
  if (verdict !== undefined && verdict.kind !== 'accept') return verdict;
  // What arrives and stays here never passes POSTROUTING, where sources are rewritten.
  askWhetherSent(witness);
  const leaves = packet.inputInterface === undefined || !isLocalAddress(address, host);
  return { kind: 'dnat', endpoint: formatHostPort(address, port), masquerade: marked && leaves };
}

/** A packet at the filter, where it may have a new destination and the masquerade mark. */
interface Passage {
  readonly destination: IpAddress;
  readonly port: number;
  readonly rewritten: boolean;
  readonly marked: boolean;
}

type Hook = 'INPUT' | 'FORWARD' | 'OUTPUT';

/** The filter's verdict; undefined when nothing is said about the packet at any hook that it passes. */
function filtered(scene: Scene, passage: Passage): Outcome | undefined {
  askWhetherSent(scene.witness);
  const staysHere = isToThisNode(scene, passage);
  const arrives = scene.packet.inputInterface !== undefined;
  const hooks: readonly Hook[] = [
    ...(arrives ? [] : (['OUTPUT'] as const)),
    ...(staysHere ? (['INPUT'] as const) : []),
    ...(arrives && !staysHere ? (['FORWARD'] as const) : []),
  ];
  for (const hook of hooks) {
    const verdict = hookVerdict(hook, scene, passage);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function hookVerdict(hook: Hook, scene: Scene, passage: Passage): Outcome | undefined {
  const frontend = frontendAt(scene, passage);
  if (hook !== 'FORWARD' && isForeignLoopback(scene, passage)) return { kind: 'drop' };
  if (frontend?.allowedSources !== undefined && refusalOf(frontend.route)?.kind !== 'reject') return { kind: 'drop' };
  if (hook === 'INPUT' && isHealthCheck(scene, passage)) return { kind: 'accept' };
  if (hook === 'FORWARD' && passage.marked) return { kind: 'accept' };
  if (frontend !== undefined && (hook !== 'INPUT' || frontend.kind !== 'clusterIP')) {
    const refusal = refusalOf(frontend.route);
    if (refusal !== undefined) return refusal;
  }
  if (refusesNodePorts(scene, passage)) {
    const servicePort = nodePortAt(scene, passage);
    const refusal = servicePort === undefined ? undefined : refusalOf(servicePort.external);
    if (refusal !== undefined) return refusal;
  }
  return hook === 'INPUT' ? undefined : unusedClusterIp(scene, passage);
}

function isHealthCheck({ index, packet, witness }: Scene, { port, rewritten }: Passage): boolean {
  askProtocol(witness, 'TCP');
  if (packet.protocol !== 'TCP') return false;
  witness?.used(parts.healthChecks);
  if (!rewritten) askWhich(witness, 'port', index.healthCheckPorts);
  return index.healthCheckPorts.has(port);
}

function refusesNodePorts(scene: Scene, passage: Passage): boolean {
  return scene.plan.nodePorts.refusesEverywhere ? isToThisNode(scene, passage) : acceptsNodePorts(scene, passage);
}

function unusedClusterIp({ plan, index, witness }: Scene, { destination, rewritten }: Passage): Outcome | undefined {
  if (plan.unusedClusterIps === undefined) return undefined;
  if (!rewritten) {
    askWhich(witness, 'destination', index.clusterIps);
    askBlocks(witness, 'destination', plan.unusedClusterIps.serviceCidrs);
  }
  if (index.clusterIps.has(destination)) return { kind: 'reject' };
  return plan.unusedClusterIps.serviceCidrs.some((block) => cidrContains(block, destination))
    ? { kind: 'drop' }
    : undefined;
}

/**
 * Loopback is for this node alone, even where it routes 127.0.0.0/8; NodePorts on it are exempt as they were rewritten.
 */
function isForeignLoopback({ plan, packet, witness }: Scene, { destination, rewritten }: Passage): boolean {
  const block = loopbackBlocks[plan.family];
  if (!plan.protectLoopback || rewritten) return false;
  askBlocks(witness, 'destination', [block]);
  if (cidrContains(block, destination)) askBlocks(witness, 'source', [block]);
  return cidrContains(block, destination) && !cidrContains(block, packet.source);
}

/** What becomes of those whom no earlier branch took; undefined when they are sent to an endpoint. */
function refusalOf(route: Route): Outcome | undefined {
  const action = route.at(-1)?.action;
  return action === undefined || action.kind === 'balance' ? undefined : { kind: action.kind };
}
