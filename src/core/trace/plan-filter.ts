/** What the filter says about a packet, by the plan alone: after destinations were rewritten, on its way on. */
import type { IpAddress } from '../model/address.ts';
import { cidrContains, loopbackBlocks } from '../model/cidr.ts';
import type { Outcome } from '../model/packet.ts';
import { lastRefusal } from '../model/route.ts';
import { isLocalAddress } from './host.ts';
import { addressKey, nodePortKey } from './plan-index.ts';
import { acceptsNodePorts, isLetIn, type Scene } from './plan-scene.ts';

/** A packet at the filter, where it may have a new destination and the masquerade mark. */
export interface Passage {
  readonly destination: IpAddress;
  readonly port: number;
  readonly rewritten: boolean;
  readonly marked: boolean;
}

/**
 * - `foreignLoopback`: loopback is for this node alone.
 * - `shutOut`: the source is in none of the ranges of a guarded address.
 * - `healthCheck`: a health-check port is let in whatever the policy of the chain.
 * - `masqueraded`: what is to be masqueraded is let through whatever the policy of the chain.
 * - `refused`: the frontend has no endpoint for this sender.
 * - `unusedPort`, `unusedAddress`: a cluster IP that has other ports, an address of the ServiceCIDRs that nobody has.
 */
export type FilterReason =
  | 'foreignLoopback'
  | 'shutOut'
  | 'healthCheck'
  | 'masqueraded'
  | 'refused'
  | 'unusedPort'
  | 'unusedAddress';

export interface FilterVerdict {
  readonly outcome: Extract<Outcome, { kind: 'reject' | 'drop' | 'accept' | 'pass' }>;
  readonly reason: FilterReason;
}

type Hook = 'INPUT' | 'FORWARD' | 'OUTPUT';

/** Undefined when nothing is said about the packet at any hook that it passes. */
export function filterVerdict(scene: Scene, passage: Passage): FilterVerdict | undefined {
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

function hookVerdict(hook: Hook, scene: Scene, passage: Passage): FilterVerdict | undefined {
  const { index, packet } = scene;
  const { destination, port } = passage;
  const frontend = index.addresses.get(addressKey(destination, port, packet.protocol));
  const refusal = frontend === undefined ? undefined : lastRefusal(frontend.route);
  if (hook !== 'FORWARD' && isForeignLoopback(scene, passage)) return verdictOf('drop', 'foreignLoopback');
  if (frontend?.allowedSources !== undefined && refusal !== 'reject') {
    return verdictOf('drop', isLetIn(frontend, packet) ? 'refused' : 'shutOut');
  }
  if (hook === 'INPUT' && packet.protocol === 'TCP' && index.healthCheckPorts.has(port)) {
    return verdictOf('accept', 'healthCheck');
  }
  if (hook === 'FORWARD' && passage.marked) return verdictOf('accept', 'masqueraded');
  if (refusal !== undefined && (hook !== 'INPUT' || frontend?.kind !== 'clusterIP')) {
    return verdictOf(refusal, 'refused');
  }
  const nodePortRefusal = refusalOfNodePort(scene, passage);
  if (nodePortRefusal !== undefined) return verdictOf(nodePortRefusal, 'refused');
  return hook === 'INPUT' ? undefined : unusedClusterIp(scene, destination);
}

function verdictOf(kind: FilterVerdict['outcome']['kind'], reason: FilterReason): FilterVerdict {
  return { outcome: { kind }, reason };
}

function refusalOfNodePort(scene: Scene, { destination, port }: Passage): 'reject' | 'drop' | undefined {
  const { plan, index, packet, host } = scene;
  const servicePort = index.nodePorts.get(nodePortKey(port, packet.protocol));
  if (servicePort === undefined) return undefined;
  const isRefusing = plan.nodePorts.refusesEverywhere
    ? isLocalAddress(destination, host)
    : acceptsNodePorts(plan, destination, host);
  return isRefusing ? lastRefusal(servicePort.external) : undefined;
}

function unusedClusterIp({ plan, index }: Scene, destination: IpAddress): FilterVerdict | undefined {
  if (plan.unusedClusterIps === undefined) return undefined;
  if (index.clusterIps.has(destination)) return verdictOf('reject', 'unusedPort');
  return plan.unusedClusterIps.serviceCidrs.some((block) => cidrContains(block, destination))
    ? verdictOf('drop', 'unusedAddress')
    : undefined;
}

/**
 * Loopback is for this node alone, even where it routes 127.0.0.0/8; NodePorts on it are exempt as they were rewritten.
 */
function isForeignLoopback({ plan, packet }: Scene, { destination, rewritten }: Passage): boolean {
  const block = loopbackBlocks[plan.family];
  return plan.protectLoopback && !rewritten && cidrContains(block, destination) && !cidrContains(block, packet.source);
}
