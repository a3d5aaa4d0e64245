/**
 * From the model back to objects as the API has them: what `readManifest` reads to the same model. All that rulewright
 * does not keep is left out.
 */
import { type IpAddress, ipFamilies } from '../model/address.ts';
import type { EndpointSlice, Manifest, Node, Service, ServiceCidr, SliceEndpoint } from '../model/objects.ts';

/** A plain JSON value. */
export function writeManifest(manifest: Manifest): object {
  switch (manifest.kind) {
    case 'Service':
      return writeService(manifest.object);
    case 'EndpointSlice':
      return writeSlice(manifest.object);
    case 'Node':
      return writeNode(manifest.object);
    case 'ServiceCIDR':
      return writeServiceCidr(manifest.object);
    default:
      return manifest satisfies never;
  }
}

function writeService(service: Service): object {
  const { namespace, name, createdAtMs, clusterIps, affinityTimeoutSeconds, healthCheckNodePort } = service;
  const families = ipFamilies.filter((family) => clusterIps[family] !== undefined);
  const addresses = families.map((family) => clusterIps[family]);
  const created = createdAtMs === undefined ? {} : { creationTimestamp: new Date(createdAtMs).toISOString() };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, ...created },
    spec: {
      type: typeOf(service),
      clusterIP: addresses[0],
      clusterIPs: addresses,
      ipFamilies: families,
      ports: service.ports,
      externalIPs: service.externalIps,
      loadBalancerSourceRanges: service.loadBalancerSourceRanges,
      internalTrafficPolicy: service.internalTrafficPolicy,
      externalTrafficPolicy: service.externalTrafficPolicy,
      ...(healthCheckNodePort === undefined ? {} : { healthCheckNodePort }),
      ...(affinityTimeoutSeconds === undefined ? {} : affinityOf(affinityTimeoutSeconds)),
    },
    status: { loadBalancer: { ingress: service.loadBalancerIps.map((ip) => ({ ip, ipMode: 'VIP' })) } },
  };
}

/** The type itself is not kept, only what follows from it. */
function typeOf({ ports, loadBalancerIps, healthCheckNodePort, externalTrafficPolicy, externalIps }: Service): string {
  const hasNodePort = ports.some(({ nodePort }) => nodePort !== undefined);
  const isOpenAnyway = hasNodePort || externalIps.length > 0;
  if (loadBalancerIps.length > 0 || healthCheckNodePort !== undefined) return 'LoadBalancer';
  if (externalTrafficPolicy === 'Local' && !isOpenAnyway) return 'LoadBalancer';
  return hasNodePort ? 'NodePort' : 'ClusterIP';
}

function affinityOf(timeoutSeconds: number): object {
  return { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function writeSlice({ namespace, name, serviceName, family, ports, endpoints }: EndpointSlice): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name, labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: family,
    ports,
    endpoints: endpoints.map(writeEndpoint),
  };
}

function writeEndpoint(endpoint: SliceEndpoint): object {
  const { address, ready, serving, terminating, nodeName, zoneHints, nodeHints } = endpoint;
  const forZones = zoneHints.map((name) => ({ name }));
  const forNodes = nodeHints.map((name) => ({ name }));
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(forZones.length + forNodes.length === 0 ? {} : { hints: { forZones, forNodes } }),
  };
}

function writeNode({ name, addresses, podCidrs, zone, isLeaving }: Node): object {
  const labels = zone === undefined ? {} : { labels: { 'topology.kubernetes.io/zone': zone } };
  const taints = isLeaving ? { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...labels },
    spec: { podCIDRs: podCidrs, ...taints },
    // The order is kept, and with it which address is the primary one.
    status: { addresses: addresses.map((address: IpAddress) => ({ type: 'InternalIP', address })) },
  };
}

function writeServiceCidr({ name, cidrs }: ServiceCidr): object {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } };
}
