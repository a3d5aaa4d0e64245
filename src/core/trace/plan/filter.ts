/** The verdict of the filter on a packet, from the plan alone, after DNAT. */
import { cidrContains, loopbackBlocks } from '../../model/cidr.ts';
import type { Outcome } from '../../model/packet.ts';
import { lastRefusal } from '../../model/route.ts';
import { askBlocks, askProtocol, askWhetherSent, askWhich, hasCtState, parts } from '../witness.ts';
import { frontendAt, isAtNodePorts, isLetIn, isToThisNode, nodePortAt, type Passage, type PlanScene } from './scene.ts';

/**
 * - `foreignLoopback`: only this node itself may use loopback addresses.
 * - `shutOut`: the source is in none of the ranges of a guarded address.
 * - `healthCheck`: a health-check port is accepted regardless of the chain policy.
 * - `masqueraded`: packets with the masquerade mark are accepted regardless of the chain policy.
 * - `refused`: the frontend has no endpoint for this sender.
 * - `invalid`, `established`: a forwarded packet that does not open a connection is dropped or let through.
 * - `unusedPort`, `unusedAddress`: a cluster IP that has other ports, an unused address of the ServiceCIDRs.
 */
export type FilterReason =
  | 'foreignLoopback'
  | 'shutOut'
  | 'healthCheck'
  | 'masqueraded'
  | 'refused'
  | 'invalid'
  | 'established'
  | 'unusedPort'
  | 'unusedAddress';

export interface FilterVerdict {
  readonly outcome: Extract<Outcome, { kind: 'reject' | 'drop' | 'accept' | 'pass' }>;
  readonly reason: FilterReason;
}

type Hook = 'INPUT' | 'FORWARD' | 'OUTPUT';

/** Undefined if the filter has no verdict at any hook that the packet passes. */
export function filterVerdict(scene: PlanScene, passage: Passage): FilterVerdict | undefined {
  askWhetherSent(scene.witness);
  const staysHere = isToThisNode(scene, passage);
  const arrives = scene.packet.inputInterface !== undefined;
  const hooks: readonly Hook[] = [
    ...(arrives ? [] : (['OUTPUT'] as const)),
    ...(staysHere ? (['INPUT'] as const) : []),
    ...(arrives && !staysHere ? (['FORWARD'] as const) : []),
  ];
  const verdictAt = hasCtState('new', scene) ? hookVerdict : verdictUnlessNew;
  for (const hook of hooks) {
    const verdict = verdictAt(hook, scene, passage);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function hookVerdict(hook: Hook, scene: PlanScene, passage: Passage): FilterVerdict | undefined {
  const frontend = frontendAt(scene, passage);
  const refusal = frontend === undefined ? undefined : lastRefusal(frontend.route);
  if (hook !== 'FORWARD' && isForeignLoopback(scene, passage)) return verdictOf('drop', 'foreignLoopback');
  if (frontend?.allowedSources !== undefined && (refusal !== 'reject' || scene.plan.guardsWithoutEndpoints)) {
    if (!isLetIn(frontend, scene)) return verdictOf('drop', 'shutOut');
    if (refusal !== 'reject') return verdictOf('drop', 'refused');
  }
  if (hook === 'INPUT' && isHealthCheck(scene, passage)) return verdictOf('accept', 'healthCheck');
  if (hook === 'FORWARD' && passage.marked) return verdictOf('accept', 'masqueraded');
  if (refusal !== undefined && (hook !== 'INPUT' || frontend?.kind !== 'clusterIP')) {
    return verdictOf(refusal, 'refused');
  }
  const nodePortRefusal = refusalOfNodePort(scene, passage);
  if (nodePortRefusal !== undefined) return verdictOf(nodePortRefusal, 'refused');
  return hook === 'INPUT' ? undefined : unusedClusterIp(scene, passage);
}

/** For packets that do not open a connection: frontends and their guards have nothing to say about them. */
function verdictUnlessNew(hook: Hook, scene: PlanScene, passage: Passage): FilterVerdict | undefined {
  const { plan } = scene;
  const isEstablished = hasCtState('established', scene);
  if (hook !== 'FORWARD') {
    if (!isEstablished && isForeignLoopback(scene, passage)) return verdictOf('drop', 'foreignLoopback');
    return hook === 'INPUT' && isHealthCheck(scene, passage) ? verdictOf('accept', 'healthCheck') : undefined;
  }
  if (isEstablished) return plan.acceptEstablished ? verdictOf('accept', 'established') : undefined;
  return plan.dropInvalid ? verdictOf('drop', 'invalid') : undefined;
}

function verdictOf(kind: FilterVerdict['outcome']['kind'], reason: FilterReason): FilterVerdict {
  return { outcome: { kind }, reason };
}

function isHealthCheck({ index, packet, witness }: PlanScene, { port, rewritten }: Passage): boolean {
  askProtocol(witness, 'TCP');
  if (packet.protocol !== 'TCP') return false;
  witness?.used(parts.healthChecks);
  if (!rewritten) askWhich(witness, 'port', index.healthCheckPorts);
  return index.healthCheckPorts.has(port);
}

function refusalOfNodePort(scene: PlanScene, passage: Passage): 'reject' | 'drop' | undefined {
  const isRefusing = scene.plan.nodePorts.refusesEverywhere
    ? isToThisNode(scene, passage)
    : isAtNodePorts(scene, passage);
  const servicePort = isRefusing ? nodePortAt(scene, passage) : undefined;
  return servicePort === undefined ? undefined : lastRefusal(servicePort.external);
}

function unusedClusterIp(
  { plan, index, witness }: PlanScene,
  { destination, rewritten }: Passage,
): FilterVerdict | undefined {
  if (plan.unusedClusterIps === undefined) return undefined;
  if (!rewritten) {
    askWhich(witness, 'destination', index.clusterIps);
    askBlocks(witness, 'destination', plan.unusedClusterIps.serviceCidrs);
  }
  if (index.clusterIps.has(destination)) return verdictOf('reject', 'unusedPort');
  return plan.unusedClusterIps.serviceCidrs.some((block) => cidrContains(block, destination))
    ? verdictOf('drop', 'unusedAddress')
    : undefined;
}

/**
 * Only this node itself may use loopback, even if it routes 127.0.0.0/8. NodePorts on it are exempt after DNAT.
 */
function isForeignLoopback({ plan, packet, witness }: PlanScene, { destination, rewritten }: Passage): boolean {
  if (!plan.protectLoopback || rewritten) return false;
  const block = loopbackBlocks[plan.family];
  askBlocks(witness, 'destination', [block]);
  if (!cidrContains(block, destination)) return false;
  askBlocks(witness, 'source', [block]);
  return !cidrContains(block, packet.source);
}
