/** The packet, its path through the plan, and its frontend: the input of every part of an answer. */
import { familyOf } from '../model/address.ts';
import { namespacedName, type Service, type ServicePort } from '../model/objects.ts';
import type { Packet } from '../model/packet.ts';
import type { ExternalAddress, Plan, PoolName, Route, ServicePortPlan } from '../model/plan.ts';
import { findIn } from '../structures/shards.ts';
import { findFrontend, findNodePort, indexPlan } from '../trace/plan/frontend-index.ts';
import { acceptsNodePorts } from '../trace/plan/scene.ts';
import { type PlanWalk, walkPlan } from '../trace/plan/trace.ts';
import { planOf, type World } from './world.ts';

export interface Case {
  readonly world: World;
  readonly plan: Plan;
  readonly packet: Packet;
  readonly walk: PlanWalk;
  /** Undefined when the packet is for no frontend. */
  readonly frontend: PacketFrontend | undefined;
}

/** The frontend that a packet is addressed to, with its Service. */
export interface PacketFrontend {
  readonly kind: 'clusterIP' | ExternalAddress['kind'] | 'nodePort';
  readonly servicePort: ServicePortPlan;
  readonly route: Route;
  readonly allowedSources: ExternalAddress['allowedSources'];
  /** `namespace/name`. */
  readonly key: string;
  readonly service: Service;
  readonly port: ServicePort;
  /** The pool of endpoints that the traffic policy or the decision selects. */
  readonly pool: PoolName;
}

export function makeCase(world: World, packet: Packet): Case {
  const plan = planOf(world, familyOf(packet.destination));
  const walk = walkPlan(plan, packet, world.host);
  return { world, plan, packet, walk, frontend: frontendOf(world, plan, packet, walk) };
}

function frontendOf(world: World, plan: Plan, packet: Packet, { decision }: PlanWalk): PacketFrontend | undefined {
  const index = indexPlan(plan);
  const atAddress = findFrontend(index, packet);
  const pool = decision?.action.pool;
  // A frontend address takes precedence over a NodePort, unless it has no endpoint for the packet.
  if (atAddress !== undefined && (decision === undefined || decision.frontend !== undefined)) {
    const { servicePort, kind, route, allowedSources } = atAddress;
    return complete(world, { servicePort, kind, route, allowedSources }, pool);
  }
  const servicePort = findNodePort(index, packet);
  if (servicePort === undefined || !acceptsNodePorts(plan, packet.destination, world.host)) return undefined;
  const found = { servicePort, kind: 'nodePort', route: servicePort.external, allowedSources: undefined } as const;
  return complete(world, found, pool);
}

type FoundFrontend = Pick<PacketFrontend, 'servicePort' | 'kind' | 'route' | 'allowedSources'>;

function complete({ snapshot }: World, found: FoundFrontend, pool: PoolName | undefined): PacketFrontend | undefined {
  const { id } = found.servicePort;
  const key = namespacedName(id);
  const service = findIn(snapshot.services, key);
  const port = service?.ports.find(({ name, protocol }) => name === id.portName && protocol === id.protocol);
  if (service === undefined || port === undefined) return undefined;
  const policy = found.kind === 'clusterIP' ? service.internalTrafficPolicy : service.externalTrafficPolicy;
  return { ...found, key, service, port, pool: pool ?? (policy === 'Local' ? 'local' : 'cluster') };
}
