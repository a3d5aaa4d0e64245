/** From a snapshot to the plan of one IP family: what must happen to traffic, decided once for every backend. */
import type { Diagnostic } from '../diagnostics.ts';
import { type Cidr, familyOf, type IpFamily } from '../model/address.ts';
import { widestBlocks } from '../model/cidr.ts';
import type { NodeConfig } from '../model/config.ts';
import { type Node, type Service, servicePortText } from '../model/objects.ts';
import type { HealthCheck, Plan, ServicePortId, ServicePortPlan } from '../model/plan.ts';
import { poolsOf } from '../model/route.ts';
import type { SlicesOfService, Snapshot } from '../model/snapshot.ts';
import { compareText } from '../structures/compare-text.ts';
import { memoize } from '../structures/memoize.ts';
import { affinityDiagnostics } from './affinity-diagnostics.ts';
import type { ResolvedPort, ResolvedService } from './claimants.ts';
import { type ClaimMemory, emptyClaimMemory, settleClaims } from './claims.ts';
import { type FamilyContext, familyContext } from './context.ts';
import { contextDiagnostics } from './context-diagnostics.ts';
import { candidatesFor, countLocalEndpoints, maxPoolSize, type SelectedPools, selectPools } from './endpoints.ts';
import { type GuardMemory, guardOf } from './node-guard.ts';
import { emptyServicesMemory, planServices, type ServicesMemory } from './planned-services.ts';
import { externalRoute, internalRoute } from './routes.ts';

export interface PlanResult {
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/** What was planned last. Another context begins anew. */
export interface PlanMemory {
  last: PlannedLast | undefined;
}

interface PlannedLast {
  readonly config: NodeConfig;
  readonly node: Node | undefined;
  /** Of this config and node. */
  readonly context: FamilyContext;
  readonly claims: ClaimMemory;
  readonly guard: GuardMemory;
  readonly services: ServicesMemory<PlannedService>;
}

export function emptyPlanMemory(): PlanMemory {
  return { last: undefined };
}

/**
 * Plans every Service of one family. Results are remembered by identity: a Service whose object, slices and frontends
 * are the same as before keeps its very plan, so after one change one Service is planned anew.
 */
export function planFamily(
  snapshot: Snapshot,
  config: NodeConfig,
  family: IpFamily,
  memory: PlanMemory = emptyPlanMemory(),
): PlanResult {
  const { context, claims, guard, services } = recall(memory, config, snapshot.nodes.get(config.nodeName), family);
  const settlement = settleClaims(claims, snapshot.services, context, guardOf(guard, snapshot, context));
  const planned = planServices(services, settlement.services, snapshot.slices, (resolved, slices) =>
    planService(resolved, slices, context),
  );
  const chunks = planned.map(collect);
  const unusedClusterIps = config.mode === 'iptables' ? undefined : { serviceCidrs: serviceCidrsOf(snapshot, family) };
  return {
    plan: {
      family,
      localPods: context.localPods,
      nodePorts: context.nodePorts,
      servicePorts: chunks.map(({ servicePorts }) => servicePorts),
      healthChecks: chunks.flatMap(({ healthChecks }) => healthChecks),
      masqueradeMark: context.masqueradeMark,
      protectLoopback: context.protectLoopback,
      dropInvalid: context.dropInvalid,
      acceptEstablished: context.acceptEstablished,
      guardsWithoutEndpoints: context.guardsWithoutEndpoints,
      nfacct: config.nfacct && config.mode === 'iptables',
      unusedClusterIps,
    },
    diagnostics: [
      ...contextDiagnostics(config, context, snapshot.services),
      ...settlement.diagnostics,
      ...(config.mode === 'iptables' ? affinityDiagnostics(settlement.services) : []),
      ...chunks.flatMap(({ surplus }) => surplus),
    ],
  };
}

/** What the Services of a chunk add to the plan. */
interface Collected {
  readonly servicePorts: readonly ServicePortPlan[];
  readonly healthChecks: readonly HealthCheck[];
  readonly surplus: readonly Diagnostic[];
}

const collect = memoize(
  (chunk: readonly PlannedService[]): Collected => ({
    servicePorts: chunk.flatMap(({ ports }) => ports),
    healthChecks: chunk.flatMap(({ healthCheck }) => healthCheck ?? []),
    surplus: chunk.flatMap(({ diagnostics }) => diagnostics),
  }),
);

interface PlannedService {
  readonly slices: SlicesOfService;
  readonly ports: readonly ServicePortPlan[];
  readonly healthCheck: HealthCheck | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The blocks that cluster IPs are taken from, sorted, none within another. */
function serviceCidrsOf(snapshot: Snapshot, family: IpFamily): readonly Cidr[] {
  const cidrs = [...snapshot.serviceCidrs.values()].flatMap((object) => object.cidrs);
  return widestBlocks(cidrs.filter((cidr) => familyOf(cidr) === family)).toSorted(compareText);
}

function recall(memory: PlanMemory, config: NodeConfig, node: Node | undefined, family: IpFamily): PlannedLast {
  const { last } = memory;
  if (last?.config === config && last.node === node && last.context.family === family) return last;
  const context = familyContext(config, node, family);
  // A Node object is written anew every few minutes and hardly ever says anything new.
  const isSame = last !== undefined && JSON.stringify(last.context) === JSON.stringify(context);
  memory.last = isSame
    ? { ...last, config, node }
    : {
        ...{ config, node, context, claims: emptyClaimMemory(), guard: { last: undefined } },
        services: emptyServicesMemory(),
      };
  return memory.last;
}

function planService(resolved: ResolvedService, slices: SlicesOfService, context: FamilyContext): PlannedService {
  const { service, healthCheckNodePort } = resolved;
  const diagnostics: Diagnostic[] = [];
  const ports = resolved.ports.map((resolvedPort) => {
    const candidates = candidatesFor(slices, resolvedPort.port, context.family, context.place);
    const pools = selectPools(candidates, context.place);
    if (pools.surplus > 0) diagnostics.push(surplusDiagnostic(service, resolvedPort, pools.surplus));
    return planServicePort(service, resolvedPort, pools, context);
  });
  const { namespace, name } = service;
  const healthCheck =
    healthCheckNodePort === undefined
      ? undefined
      : { namespace, name, port: healthCheckNodePort, localEndpoints: countLocalEndpoints(slices, context) };
  return { slices, ports, healthCheck, diagnostics };
}

function surplusDiagnostic({ namespace, name }: Service, { port }: ResolvedPort, surplus: number): Diagnostic {
  return {
    code: 'endpoints-surplus',
    severity: 'error',
    object: { kind: 'Service', namespace, name },
    field: 'spec.ports',
    problem: `port ${port.port}/${port.protocol} has ${surplus} endpoints more than the ${maxPoolSize} that fit`,
    remedy: 'spread the endpoints over several Services',
  };
}

function planServicePort(
  service: Service,
  { port, frontends }: ResolvedPort,
  pools: SelectedPools,
  context: FamilyContext,
): ServicePortPlan {
  const internal = internalRoute(service, pools, context);
  const external = externalRoute(service, pools, context);
  const hasExternal = frontends.external.length > 0 || frontends.nodePort !== undefined;
  const used = new Set([
    ...(frontends.clusterIp === undefined ? [] : poolsOf(internal)),
    ...(hasExternal ? poolsOf(external) : []),
  ]);
  return {
    id: servicePortId(service, port.name, port.protocol),
    port: port.port,
    frontends,
    internal,
    external,
    // A pool that no traffic can reach would only make rules that nothing uses.
    pools: { cluster: used.has('cluster') ? pools.cluster : [], local: used.has('local') ? pools.local : [] },
    affinityTimeoutSeconds: service.affinityTimeoutSeconds,
  };
}

function servicePortId(service: Service, portName: string, protocol: ServicePortId['protocol']): ServicePortId {
  const { namespace, name } = service;
  const text = servicePortText({ namespace, name, portName });
  return { namespace, name, portName, protocol, text };
}
