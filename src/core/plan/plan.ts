/** From a snapshot to the plan of one IP family: what must happen to traffic, decided once for every backend. */
import type { Diagnostic } from '../diagnostics.ts';
import { type Cidr, familyOf, type IpFamily } from '../model/address.ts';
import { widestBlocks } from '../model/cidr.ts';
import type { NodeConfig } from '../model/config.ts';
import { type Service, servicePortText } from '../model/objects.ts';
import type { HealthCheck, Plan, ServicePortId, ServicePortPlan } from '../model/plan.ts';
import { poolsOf } from '../model/route.ts';
import type { SlicesOfService, Snapshot } from '../model/snapshot.ts';
import { compareText } from '../structures/compare-text.ts';
import { remember } from '../structures/remember.ts';
import { affinityDiagnostics } from './affinity-diagnostics.ts';
import type { ResolvedPort, ResolvedService } from './claimants.ts';
import { type ClaimMemory, emptyClaimMemory, settleClaims } from './claims.ts';
import { type FamilyContext, familyContext } from './context.ts';
import { contextDiagnostics } from './context-diagnostics.ts';
import { candidatesFor, localReadyAddresses, maxPoolSize, type SelectedPools, selectPools } from './endpoints.ts';
import { emptyPlanMemory, type PlanMemory, planServices } from './planned-services.ts';
import { externalRoute, internalRoute } from './routes.ts';

export interface PlanResult {
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Plans every Service of one family. Results are remembered by identity: a Service whose object, slices and frontends
 * are the same as before keeps its very plan, so after one change one Service is planned anew.
 */
export function planFamily(snapshot: Snapshot, config: NodeConfig, family: IpFamily): PlanResult {
  const context = contextFor(config, snapshot, family);
  const settlement = settleClaims(remember(claimMemories, context, emptyClaimMemory), snapshot.services, context);
  const memory = remember(plannedServices, context, () => emptyPlanMemory<PlannedService>());
  const planned = planServices(memory, settlement.services, snapshot.slices, (resolved, slices) =>
    planService(resolved, slices, context),
  );
  const chunks = planned.map((chunk) => remember(collected, chunk, () => collect(chunk)));
  const { localPods, nodePorts, masqueradeMark, protectLoopback, dropInvalid } = context;
  const unusedClusterIps = config.mode === 'iptables' ? undefined : { serviceCidrs: serviceCidrsOf(snapshot, family) };
  return {
    plan: {
      family,
      localPods,
      nodePorts,
      servicePorts: chunks.map(({ servicePorts }) => servicePorts),
      healthChecks: chunks.flatMap(({ healthChecks }) => healthChecks),
      masqueradeMark,
      protectLoopback,
      dropInvalid,
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

/** What a chunk of Services comes to. */
interface Collected {
  readonly servicePorts: readonly ServicePortPlan[];
  readonly healthChecks: readonly HealthCheck[];
  readonly surplus: readonly Diagnostic[];
}

function collect(chunk: readonly PlannedService[]): Collected {
  return {
    servicePorts: chunk.flatMap(({ ports }) => ports),
    healthChecks: chunk.flatMap(({ healthCheck }) => healthCheck ?? []),
    surplus: chunk.flatMap(({ diagnostics }) => diagnostics),
  };
}

interface PlannedService {
  readonly slices: SlicesOfService;
  readonly ports: readonly ServicePortPlan[];
  readonly healthCheck: HealthCheck | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const contexts = new WeakMap<NodeConfig, Map<IpFamily, { node: unknown; context: FamilyContext }>>();
const claimMemories = new WeakMap<FamilyContext, ClaimMemory>();
const collected = new WeakMap<readonly PlannedService[], Collected>();
const plannedServices = new WeakMap<FamilyContext, PlanMemory<PlannedService>>();

/** The blocks that cluster IPs are taken from, sorted, none within another. */
function serviceCidrsOf(snapshot: Snapshot, family: IpFamily): readonly Cidr[] {
  const cidrs = [...snapshot.serviceCidrs.values()].flatMap((object) => object.cidrs);
  return widestBlocks(cidrs.filter((cidr) => familyOf(cidr) === family)).toSorted(compareText);
}

function contextFor(config: NodeConfig, snapshot: Snapshot, family: IpFamily): FamilyContext {
  const node = snapshot.nodes.get(config.nodeName);
  const ofConfig = remember(contexts, config, () => new Map());
  const known = ofConfig.get(family);
  if (known !== undefined && known.node === node) return known.context;
  const made = familyContext(config, node, family);
  // A Node object is written anew every few minutes and hardly ever says anything new.
  const context = known !== undefined && JSON.stringify(known.context) === JSON.stringify(made) ? known.context : made;
  ofConfig.set(family, { node, context });
  return context;
}

function planService(resolved: ResolvedService, slices: SlicesOfService, context: FamilyContext): PlannedService {
  const { service, healthCheckNodePort } = resolved;
  const localAddresses = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const ports = resolved.ports.map((resolvedPort) => {
    const candidates = candidatesFor(slices, resolvedPort.port, context.family, context.place);
    for (const address of localReadyAddresses(candidates)) localAddresses.add(address);
    const pools = selectPools(candidates, context.place);
    if (pools.surplus > 0) diagnostics.push(surplusDiagnostic(service, resolvedPort, pools.surplus));
    return planServicePort(service, resolvedPort, pools, context);
  });
  const { namespace, name } = service;
  const healthCheck =
    healthCheckNodePort === undefined
      ? undefined
      : { namespace, name, port: healthCheckNodePort, localEndpoints: localAddresses.size };
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
