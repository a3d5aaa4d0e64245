/** A plan as text that a person can check against the input: the middle of each golden case. */
import { formatHostPort } from '../../../src/core/model/address.ts';
import type {
  Branch,
  Frontends,
  LocalPodMatch,
  NodePortMatch,
  Plan,
  PlannedEndpoint,
  Route,
  ServicePortPlan,
} from '../../../src/core/model/plan.ts';

/** One block for the node, one for each service port, one line for each health check. */
export function describePlan(plan: Plan): string {
  const blocks = [describeNode(plan), ...plan.servicePorts.flat().map(describeServicePort)];
  const checks = plan.healthChecks.map(({ namespace, name, port, localEndpoints: count }) => {
    const endpoints = count === 1 ? 'endpoint' : 'endpoints';
    return `health check of ${namespace}/${name} on port ${port}: ${count} local ${endpoints}\n`;
  });
  return [...blocks, ...checks].join('\n');
}

function describeNode(plan: Plan): string {
  return lines([
    `${plan.family} node`,
    `  local pods   ${describeLocalPods(plan.localPods)}`,
    `  node ports   ${describeNodePorts(plan.nodePorts)}`,
    `  mark         0x${plan.masqueradeMark.toString(16)}`,
    `  filter       ${[plan.dropInvalid ? 'drop invalid' : '', plan.protectLoopback ? 'protect loopback' : '']
      .filter((word) => word !== '')
      .join(', ')}`,
  ]);
}

function describeLocalPods(localPods: LocalPodMatch): string {
  switch (localPods.kind) {
    case 'unknown':
      return 'not told apart';
    case 'everyone':
      return 'everyone';
    case 'sources':
      return `from ${localPods.cidr}`;
    case 'interface':
      return `in by ${localPods.name}`;
    case 'interfacePrefix':
      return `in by ${localPods.prefix}*`;
    default:
      return localPods satisfies never;
  }
}

function describeNodePorts({ within, except }: NodePortMatch): string {
  if (within.length === 0) return 'nowhere';
  return `local addresses in ${within.join(', ')}${except === undefined ? '' : ` except ${except}`}`;
}

function describeServicePort(servicePort: ServicePortPlan): string {
  const { id, port, frontends, pools, affinityTimeoutSeconds } = servicePort;
  return lines([
    `${id.text} ${id.protocol} ${port}`,
    ...describeFrontends(frontends, port),
    ...describeRoute('internal', servicePort.internal),
    ...describeRoute('external', servicePort.external),
    ...describePool('cluster', pools.cluster),
    ...describePool('local', pools.local),
    ...(affinityTimeoutSeconds === undefined ? [] : [`  affinity     ${affinityTimeoutSeconds} s`]),
  ]);
}

function describeFrontends({ clusterIp, external, nodePort }: Frontends, port: number): readonly string[] {
  return [
    ...(clusterIp === undefined ? [] : [`  clusterIP    ${formatHostPort(clusterIp, port)}`]),
    ...external.map(({ kind, address, allowedSources }) => {
      const guard = allowedSources === undefined ? '' : ` only from ${allowedSources.join(', ')}`;
      return `  ${(kind === 'externalIP' ? 'externalIP' : 'lbIP').padEnd(12)} ${formatHostPort(address, port)}${guard}`;
    }),
    ...(nodePort === undefined ? [] : [`  nodePort     ${nodePort}`]),
  ];
}

function describeRoute(name: string, route: Route): readonly string[] {
  return [`  ${name.padEnd(12)} ${route.map(describeBranch).join('; ')}`];
}

function describeBranch({ caller, action }: Branch): string {
  if (action.kind !== 'balance') return `${caller} ${action.kind}`;
  return `${caller} to ${action.pool}${action.masquerade ? ' masqueraded' : ''}`;
}

function describePool(name: string, pool: readonly PlannedEndpoint[]): readonly string[] {
  if (pool.length === 0) return [];
  const endpoints = pool.map(({ address, port, locality }) => `${formatHostPort(address, port)} ${locality}`);
  return [`  ${name.padEnd(12)} ${endpoints.join(', ')}`];
}

function lines(parts: readonly string[]): string {
  return parts.map((part) => `${part}\n`).join('');
}
