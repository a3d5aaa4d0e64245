/**
 * Traces a packet through the plan: the reference for rulesets. It follows the order of netfilter, which all backends
 * use: DNAT first, then the filter accepts the packet or not.
 */
import { familyOf, formatHostPort } from '../../model/address.ts';
import type { Distribution, Outcome, Packet, TraceHost } from '../../model/packet.ts';
import type { Action, Caller, Plan, PlannedEndpoint, Route, ServicePortPlan } from '../../model/plan.ts';
import { rational } from '../../structures/rational.ts';
import { certain, mix } from '../distribution.ts';
import { isLocalAddress } from '../host.ts';
import { askAddress, askWhetherSent, hasCtState, type Witness, whichOf } from '../witness.ts';
import { type FilterVerdict, filterVerdict } from './filter.ts';
import { type AddressFrontend, indexPlan } from './frontend-index.ts';
import { asSent, frontendAt, isAtNodePorts, isCaller, isLetIn, nodePortAt, type PlanScene } from './scene.ts';

/** The distribution of outcomes of a packet, from the plan alone. Only a new connection is sent to an endpoint. */
export function tracePlan(plan: Plan, packet: Packet, host: TraceHost, witness?: Witness): Distribution {
  const { fates } = walkPlan(plan, packet, host, witness);
  const [fate] = fates;
  if (fates.length === 1 && fate !== undefined) return certain(fate.outcome);
  const probability = rational(1n, BigInt(fates.length));
  return mix(fates.map(({ outcome }) => ({ probability, outcome })));
}

/** The outcomes of a packet, and the reasons. */
export interface PlanWalk {
  /** The branch that rewrites its destination; undefined if it keeps its destination. */
  readonly decision: Decision | undefined;
  /** All possible outcomes, equally likely; at least one. */
  readonly fates: readonly PlanFate[];
}

/** The branch of a frontend that sends a packet to the endpoints of a pool. */
export interface Decision {
  readonly servicePort: ServicePortPlan;
  /** The frontend at the packet's destination address; undefined for a NodePort. */
  readonly frontend: AddressFrontend | undefined;
  readonly caller: Caller;
  readonly action: Balance;
  /** Whether session affinity chose the endpoint that it remembers for this client. */
  readonly isRemembered: boolean;
}

export interface PlanFate {
  /** The endpoint that the packet goes to, unless the filter refuses it. */
  readonly endpoint: PlannedEndpoint | undefined;
  /** Whether the sender is this endpoint itself. */
  readonly isHairpin: boolean;
  readonly filter: FilterVerdict | undefined;
  readonly outcome: Outcome;
}

/** The packet's path with everything that decided on it. */
export function walkPlan(plan: Plan, packet: Packet, host: TraceHost, witness?: Witness): PlanWalk {
  if (familyOf(packet.destination) !== plan.family) return { decision: undefined, fates: [untouched(undefined)] };
  const scene: PlanScene = { plan, index: indexPlan(plan), packet, host, witness };
  const choice = hasCtState('new', scene) ? balancing(scene) : undefined;
  if (choice === undefined) {
    return { decision: undefined, fates: [untouched(filterVerdict(scene, asSent(packet)))] };
  }
  const { endpoints, isRemembered } = eligible(choice, scene);
  const fates = endpoints.map((endpoint) => arrival(scene, choice.action, endpoint));
  return { decision: { ...choice, isRemembered }, fates };
}

function untouched(filter: FilterVerdict | undefined): PlanFate {
  return { endpoint: undefined, isHairpin: false, filter, outcome: filter?.outcome ?? { kind: 'pass' } };
}

type Balance = Extract<Action, { kind: 'balance' }>;
type Choice = Omit<Decision, 'isRemembered'>;

/** The frontend of the packet: one at its destination address takes precedence over a NodePort. */
function balancing(scene: PlanScene): Choice | undefined {
  const passage = asSent(scene.packet);
  const frontend = frontendAt(scene, passage);
  if (frontend !== undefined && isLetIn(frontend, scene)) {
    const branch = balancingBranch(frontend.route, scene);
    if (branch !== undefined) return { servicePort: frontend.servicePort, frontend, ...branch };
  }
  const servicePort = isAtNodePorts(scene, passage) ? nodePortAt(scene, passage) : undefined;
  if (servicePort === undefined) return undefined;
  const branch = balancingBranch(servicePort.external, scene);
  return branch === undefined ? undefined : { servicePort, frontend: undefined, ...branch };
}

function balancingBranch(route: Route, scene: PlanScene): Pick<Choice, 'caller' | 'action'> | undefined {
  const branch = route.find(({ caller }) => isCaller(caller, scene));
  return branch?.action.kind === 'balance' ? { caller: branch.caller, action: branch.action } : undefined;
}

/** All endpoints of the pool, or the one that affinity remembers for this client. */
function eligible(
  { servicePort, action }: Choice,
  { packet, witness }: PlanScene,
): { readonly endpoints: readonly PlannedEndpoint[]; readonly isRemembered: boolean } {
  const pool = servicePort.pools[action.pool];
  if (servicePort.affinityTimeoutSeconds === undefined) return { endpoints: pool, isRemembered: false };
  const names = pool.map(({ address, port }) => formatHostPort(address, port));
  if (witness?.isOpen('remembered') === true) {
    witness.asked('remembered', whichOf('remembered', { values: names, tellsApart: true }));
  }
  const known = pool.filter((_, i) => names[i] === packet.remembered);
  return { endpoints: known.length > 0 ? known : pool, isRemembered: known.length > 0 };
}

/** The outcome of a packet to this endpoint: the filter can still refuse it. */
function arrival(scene: PlanScene, action: Balance, endpoint: PlannedEndpoint): PlanFate {
  const { packet, host, witness } = scene;
  const { address, port, locality } = endpoint;
  if (locality !== 'remote') askAddress(witness, 'source', address);
  const isHairpin = locality !== 'remote' && packet.source === address;
  const marked = action.masquerade || isHairpin;
  const filter = filterVerdict(scene, { destination: address, port, rewritten: true, marked });
  // Packets that arrive and stay on this node never pass POSTROUTING, where sources are rewritten.
  askWhetherSent(witness);
  const leaves = packet.inputInterface === undefined || !isLocalAddress(address, host);
  const arrived: Outcome = { kind: 'dnat', endpoint: formatHostPort(address, port), masquerade: marked && leaves };
  const isStopped = filter !== undefined && filter.outcome.kind !== 'accept';
  return { endpoint, isHairpin, filter, outcome: isStopped ? filter.outcome : arrived };
}
