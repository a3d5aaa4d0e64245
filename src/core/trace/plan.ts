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
import { type AddressFrontend, addressKey, indexPlan, nodePortKey, type PlanIndex } from './plan-index.ts';

/** What becomes of a packet that opens a connection, by the plan alone. */
export function tracePlan(plan: Plan, packet: Packet, host: TraceHost): Distribution {
  if (familyOf(packet.destination) !== plan.family) return certain({ kind: 'pass' });
  const scene: Scene = { plan, index: indexPlan(plan), packet, host };
  const decision = balancing(scene);
  if (decision === undefined)
    return certain(filtered(scene, { ...packet, rewritten: false, marked: false }) ?? { kind: 'pass' });
  const endpoints = eligible(decision, packet);
  const probability = rational(1n, BigInt(endpoints.length));
  return mix(endpoints.map((endpoint) => ({ probability, outcome: arrival(scene, decision, endpoint) })));
}

interface Scene {
  readonly plan: Plan;
  readonly index: PlanIndex;
  readonly packet: Packet;
  readonly host: TraceHost;
}

type Balance = Extract<Action, { kind: 'balance' }>;

interface Decision {
  readonly servicePort: ServicePortPlan;
  readonly action: Balance;
}

/** The frontend that sends the packet on: an address of its own before a NodePort. */
function balancing(scene: Scene): Decision | undefined {
  const { plan, index, packet, host } = scene;
  const frontend = index.addresses.get(addressKey(packet.destination, packet.port, packet.protocol));
  const byAddress =
    frontend !== undefined && isLetIn(frontend, packet)
      ? decide(frontend.servicePort, frontend.route, scene)
      : undefined;
  if (byAddress !== undefined) return byAddress;
  const servicePort = index.nodePorts.get(nodePortKey(packet.port, packet.protocol));
  return servicePort !== undefined && acceptsNodePorts(plan, packet.destination, host)
    ? decide(servicePort, servicePort.external, scene)
    : undefined;
}

function decide(servicePort: ServicePortPlan, route: Route, scene: Scene): Decision | undefined {
  const action = route.find(({ caller }) => isCaller(caller, scene))?.action;
  return action?.kind === 'balance' ? { servicePort, action } : undefined;
}

function isLetIn({ allowedSources }: AddressFrontend, { source }: Packet): boolean {
  return allowedSources === undefined || allowedSources.some((range) => cidrContains(range, source));
}

function acceptsNodePorts({ nodePorts: { within, except } }: Plan, address: IpAddress, host: TraceHost): boolean {
  return (
    isLocalAddress(address, host) &&
    within.some((block) => cidrContains(block, address)) &&
    (except === undefined || !cidrContains(except, address))
  );
}

function isCaller(caller: Caller, { plan, packet, host }: Scene): boolean {
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

/** All endpoints of the pool, or the one that affinity remembers for this client. */
function eligible({ servicePort, action }: Decision, { remembered }: Packet): readonly PlannedEndpoint[] {
  const pool = servicePort.pools[action.pool];
  if (servicePort.affinityTimeoutSeconds === undefined || remembered === undefined) return pool;
  const known = pool.filter(({ address, port }) => formatHostPort(address, port) === remembered);
  return known.length > 0 ? known : pool;
}

/** What becomes of a packet that was given this endpoint: even then the filter can still refuse it. */
function arrival(scene: Scene, { action }: Decision, { address, port, locality }: PlannedEndpoint): Outcome {
  const { packet, host } = scene;
  const hairpin = locality !== 'remote' && packet.source === address;
  const marked = action.masquerade || hairpin;
  const verdict = filtered(scene, { destination: address, port, rewritten: true, marked });
  if (verdict !== undefined && verdict.kind !== 'accept') return verdict;
  // What arrives and stays here never passes POSTROUTING, where sources are rewritten.
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
  const staysHere = isLocalAddress(passage.destination, scene.host);
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
  const { index, packet } = scene;
  const { destination, port } = passage;
  const frontend = index.addresses.get(addressKey(destination, port, packet.protocol));
  if (hook !== 'FORWARD' && isForeignLoopback(scene, passage)) return { kind: 'drop' };
  if (frontend?.allowedSources !== undefined && refusalOf(frontend.route)?.kind !== 'reject') return { kind: 'drop' };
  if (hook === 'INPUT' && packet.protocol === 'TCP' && index.healthCheckPorts.has(port)) return { kind: 'accept' };
  if (hook === 'FORWARD' && passage.marked) return { kind: 'accept' };
  if (frontend !== undefined && (hook !== 'INPUT' || frontend.kind !== 'clusterIP')) {
    const refusal = refusalOf(frontend.route);
    if (refusal !== undefined) return refusal;
  }
  const servicePort = index.nodePorts.get(nodePortKey(port, packet.protocol));
  if (servicePort !== undefined && refusesNodePorts(scene, destination)) {
    const refusal = refusalOf(servicePort.external);
    if (refusal !== undefined) return refusal;
  }
  return hook === 'INPUT' ? undefined : unusedClusterIp(scene, destination);
}

function refusesNodePorts({ plan, host }: Scene, destination: IpAddress): boolean {
  return plan.nodePorts.refusesEverywhere
    ? isLocalAddress(destination, host)
    : acceptsNodePorts(plan, destination, host);
}

function unusedClusterIp({ plan, index }: Scene, destination: IpAddress): Outcome | undefined {
  if (plan.unusedClusterIps === undefined) return undefined;
  if (index.clusterIps.has(destination)) return { kind: 'reject' };
  return plan.unusedClusterIps.serviceCidrs.some((block) => cidrContains(block, destination))
    ? { kind: 'drop' }
    : undefined;
}

/**
 * Loopback is for this node alone, even where it routes 127.0.0.0/8; NodePorts on it are exempt as they were rewritten.
 */
function isForeignLoopback({ plan, packet }: Scene, { destination, rewritten }: Passage): boolean {
  const block = loopbackBlocks[plan.family];
  return plan.protectLoopback && !rewritten && cidrContains(block, destination) && !cidrContains(block, packet.source);
}

/** What becomes of those whom no earlier branch took; undefined when they are sent to an endpoint. */
function refusalOf(route: Route): Outcome | undefined {
  const action = route.at(-1)?.action;
  return action === undefined || action.kind === 'balance' ? undefined : { kind: action.kind };
}
