/**
 * The cluster of these tests: Services of every kind that matters to traffic, as API objects, and who should answer at
 * each of their frontends, worked out here without any code of the program under test.
 */

import type { Target } from '../../../scripts/lab/agent/messages.ts';
import type { RawObject } from '../../../scripts/lab/api-server/store.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import type { Random } from '../support/random.ts';
import {
  type Client,
  clients,
  isLocalPod,
  nodeAddress,
  nodeName,
  podAddress,
  podNumbers,
  podPorts,
} from './network.ts';

type Policy = 'Cluster' | 'Local';
type Readiness = 'ready' | 'terminating' | 'not ready';

export interface ShopService {
  readonly number: number;
  readonly exists: boolean;
  /** By number of the pod. */
  readonly endpoints: ReadonlyMap<number, Readiness>;
  readonly internalPolicy: Policy;
  readonly externalPolicy: Policy;
  readonly hasAffinity: boolean;
}

/** Steady Services always have a ready endpoint on this node: whoever calls them by whatever way is answered. */
export const serviceNumbers = Array.from({ length: 16 }, (_, i) => i);
const isSteady = (number: number): boolean => number % 3 !== 2;
const isDualStack = (number: number): boolean => number % 2 === 0;
const hasUdp = (number: number): boolean => number % 3 !== 1;
const typeOf = (number: number) => (['ClusterIP', 'NodePort', 'LoadBalancer', 'ClusterIP'] as const)[number % 4];

export function newService(number: number): ShopService {
  const endpoints = new Map<number, Readiness>([
    [1 + (number % 2), 'ready'],
    [3 + (number % 8), 'ready'],
  ]);
  return {
    ...{ number, exists: true, endpoints },
    ...{ internalPolicy: 'Cluster', externalPolicy: 'Cluster', hasAffinity: false },
  };
}

/** Something happens to it. */
export function changed(service: ShopService, random: Random): ShopService {
  const { number } = service;
  const steady = isSteady(number);
  if (!service.exists) return { ...service, exists: true };
  const kind = random.integer(20);
  if (kind < 12) return { ...service, endpoints: someEndpoints(random, steady) };
  if (kind < 14 && !steady) return { ...service, endpoints: new Map() };
  if (kind < 16 && !steady) return { ...service, exists: false };
  if (kind < 17) return { ...service, hasAffinity: !service.hasAffinity };
  if (kind < 18) return { ...service, internalPolicy: other(service.internalPolicy) };
  if (kind < 19) return { ...service, externalPolicy: other(service.externalPolicy) };
  return { ...service, endpoints: oneMoved(service.endpoints, random, steady) };
}

function other(policy: Policy): Policy {
  return policy === 'Cluster' ? 'Local' : 'Cluster';
}

function someEndpoints(random: Random, steady: boolean): ReadonlyMap<number, Readiness> {
  const endpoints = new Map<number, Readiness>();
  for (const number of podNumbers) {
    if (random.chance(0.4)) endpoints.set(number, random.pick(['ready', 'ready', 'terminating', 'not ready']));
  }
  return steady ? endpoints.set(random.pick([1, 2]), 'ready') : endpoints;
}

/** A pod goes and another comes, as in a rollout. */
function oneMoved(endpoints: ShopService['endpoints'], random: Random, steady: boolean): ShopService['endpoints'] {
  const moved = new Map(endpoints);
  const remote = [...moved.keys()].filter((number) => !isLocalPod(number));
  if (remote.length > 0) moved.delete(random.pick(remote));
  moved.set(random.pick(podNumbers.filter((number) => !isLocalPod(number))), 'ready');
  return steady ? moved.set(random.pick([1, 2]), 'ready') : moved;
}

/** As an API server has it: the Service first, then its slices, by family. */
export function objectsOf(service: ShopService): readonly RawObject[] {
  const { number } = service;
  const type = typeOf(number);
  const families = ipFamilies.filter((family) => family === 'IPv4' || isDualStack(number));
  const nodePort = type === 'ClusterIP' ? {} : { nodePort: 30_000 + number };
  const tcp = { name: 'tcp', protocol: 'TCP', port: 80, targetPort: podPorts.tcp, ...nodePort };
  const ports = hasUdp(number) ? [tcp, { name: 'udp', protocol: 'UDP', port: 53, targetPort: podPorts.udp }] : [tcp];
  const external =
    type === 'ClusterIP'
      ? {}
      : {
          externalTrafficPolicy: service.externalPolicy,
          ...(type === 'LoadBalancer' && service.externalPolicy === 'Local'
            ? { healthCheckNodePort: healthPort(number) }
            : {}),
        };
  const affinity = service.hasAffinity ? { sessionAffinity: 'ClientIP' } : {};
  const status =
    type === 'LoadBalancer' ? { status: { loadBalancer: { ingress: [{ ip: loadBalancerIp(number) }] } } } : {};
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: nameOf(number), namespace: 'shop' },
      spec: {
        ...{
          type,
          clusterIPs: families.map((family) => clusterIp(number, family)),
          clusterIP: clusterIp(number, 'IPv4'),
        },
        ...{ ipFamilies: families, internalTrafficPolicy: service.internalPolicy, ports },
        ...{ ...external, ...affinity },
      },
      ...status,
    },
    ...families.map((family) => sliceOf(service, family)),
  ];
}

function sliceOf({ number, endpoints }: ShopService, family: IpFamily): RawObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${nameOf(number)}-${family.toLowerCase()}`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': nameOf(number) },
    },
    addressType: family,
    ports: [
      { name: 'tcp', protocol: 'TCP', port: podPorts.tcp },
      ...(hasUdp(number) ? [{ name: 'udp', protocol: 'UDP', port: podPorts.udp }] : []),
    ],
    endpoints: [...endpoints].map(([pod, readiness]) => ({
      addresses: [podAddress(pod, family)],
      conditions: {
        ready: readiness === 'ready',
        serving: readiness !== 'not ready',
        terminating: readiness === 'terminating',
      },
      nodeName: isLocalPod(pod) ? nodeName : 'node-b',
    })),
  };
}

/** Services as the API server names them. */
export const nameOf = (number: number): string => `service-${number}`;
export const healthPort = (number: number): number => 31_000 + number;
const loadBalancerIp = (number: number): string => `203.0.113.${10 + number}`;
export const clusterIp = (number: number, family: IpFamily): string =>
  family === 'IPv4' ? `10.96.0.${10 + number}` : `fd00:10:96::${10 + number}`;

export interface Frontend extends Target {
  readonly client: Client;
  readonly service: number;
  readonly family: IpFamily;
  readonly isExternal: boolean;
}

/** All ways to all Services, whether they exist or not. */
export const frontends: readonly Frontend[] = clients.flatMap((client) =>
  serviceNumbers.flatMap((number) => frontendsOf(number, client)),
);

function frontendsOf(service: number, client: Client): readonly Frontend[] {
  const make = (target: Pick<Target, 'protocol' | 'address' | 'port'>, isExternal: boolean): Frontend => {
    const { protocol, address, port } = target;
    const family = address.includes(':') ? 'IPv6' : 'IPv4';
    const name = `${client} → ${nameOf(service)} ${protocol} ${address} ${port}`;
    return { ...target, name, client, service, family, isExternal };
  };
  const type = typeOf(service);
  const families = ipFamilies.filter((family) => family === 'IPv4' || isDualStack(service));
  return [
    ...families.map((family) => make({ protocol: 'TCP', address: clusterIp(service, family), port: 80 }, false)),
    ...(hasUdp(service) && client === 'pod-1'
      ? families.map((family) => make({ protocol: 'UDP', address: clusterIp(service, family), port: 53 }, false))
      : []),
    ...(type !== 'ClusterIP' && client !== nodeName
      ? [make({ protocol: 'TCP', address: nodeAddress, port: 30_000 + service }, true)]
      : []),
    ...(type === 'LoadBalancer' ? [make({ protocol: 'TCP', address: loadBalancerIp(service), port: 80 }, true)] : []),
  ];
}

/** Addresses of the pods that may answer; nobody does when there are none. */
export function answering(service: ShopService, { client, isExternal, family }: Frontend): readonly string[] {
  if (!service.exists) return [];
  // Pods of this node and the node itself reach external frontends as if the policy were Cluster.
  const policy = isExternal ? (client === 'outside' ? service.externalPolicy : 'Cluster') : service.internalPolicy;
  const candidates = [...service.endpoints].filter(([pod]) => policy === 'Cluster' || isLocalPod(pod));
  const ready = candidates.filter(([, readiness]) => readiness === 'ready');
  const usable = ready.length > 0 ? ready : candidates.filter(([, readiness]) => readiness === 'terminating');
  return usable.map(([pod]) => podAddress(pod, family));
}
