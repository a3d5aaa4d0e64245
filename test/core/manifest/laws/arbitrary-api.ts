/** Objects as the API server serves them, with every default filled in. */
import fc from 'fast-check';

type Json = Readonly<Record<string, unknown>>;

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const port = fc.integer({ min: 1, max: 65_535 });
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const policy = fc.constantFrom('Cluster', 'Local');
const last = fc.integer({ min: 1, max: 254 });

const servicePorts = fc.uniqueArray(fc.record({ name, protocol, port }), {
  minLength: 1,
  maxLength: 4,
  selector: ({ name: portName }) => portName,
  comparator: (a, b) => a === b,
});

/** A Service of any type, single or dual stack. */
export const apiService: fc.Arbitrary<Json> = fc
  .record({
    name,
    namespace: fc.oneof(fc.constant('default'), name),
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
    families: fc.constantFrom(['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']),
    ports: servicePorts,
    internal: policy,
    external: policy,
    affinity: fc.constantFrom('None', 'ClientIP'),
    last,
    hasIngress: fc.boolean(),
  })
  .map((service) => {
    const clusterIPs = service.families.map((family) => (family === 'IPv4' ? '10.96.0.' : 'fd00:96::') + service.last);
    const ingress = service.families.map((family) => ({
      ip: (family === 'IPv4' ? '203.0.113.' : '2001:db8::') + service.last,
      ipMode: 'VIP',
    }));
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service.name, namespace: service.namespace, creationTimestamp: '2026-11-23T04:56:37Z' },
      spec: {
        type: service.type,
        clusterIP: clusterIPs[0],
        clusterIPs,
        ipFamilies: service.families,
        ports: distinctNumbers(service.ports),
        internalTrafficPolicy: service.internal,
        externalTrafficPolicy: service.external,
        sessionAffinity: service.affinity,
        ...(service.affinity === 'ClientIP' ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } } : {}),
      },
      status: { loadBalancer: service.type === 'LoadBalancer' && service.hasIngress ? { ingress } : {} },
    };
  });

function distinctNumbers<T extends { readonly protocol: string; readonly port: number }>(ports: readonly T[]): T[] {
  const taken = new Set<string>();
  return ports.filter(({ protocol: of, port: number }) => {
    const key = `${number}/${of}`;
    return !taken.has(key) && taken.add(key);
  });
}

const conditions = fc.constantFrom(
  { ready: true, serving: true, terminating: false },
  { ready: false, serving: false, terminating: false },
  { ready: false, serving: true, terminating: true },
);

export const apiSlice: fc.Arbitrary<Json> = fc
  .record({
    name,
    namespace: fc.oneof(fc.constant('default'), name),
    service: name,
    addressType: fc.constantFrom('IPv4', 'IPv6'),
    ports: fc.array(fc.record({ name, protocol, port }), { maxLength: 3 }),
    endpoints: fc.array(fc.record({ last, conditions, nodeName: name, zone: name }), { maxLength: 4 }),
  })
  .map((slice) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: slice.name,
      namespace: slice.namespace,
      labels: { 'kubernetes.io/service-name': slice.service },
    },
    addressType: slice.addressType,
    ports: slice.ports,
    endpoints: slice.endpoints.map((endpoint) => ({
      addresses: [(slice.addressType === 'IPv4' ? '10.128.0.' : 'fd00:128::') + endpoint.last],
      conditions: endpoint.conditions,
      nodeName: endpoint.nodeName,
      hints: { forZones: [{ name: endpoint.zone }] },
    })),
  }));

/** What API defaulting fills in (pkg/apis/core/v1/defaults.go, pkg/apis/discovery/v1/defaults.go), taken away again. */
export function withoutDefaults(object: Json): unknown {
  return strip(object, [
    ['namespace', 'default'],
    ['type', 'ClusterIP'],
    ['protocol', 'TCP'],
    ['internalTrafficPolicy', 'Cluster'],
    ['externalTrafficPolicy', 'Cluster'],
    ['sessionAffinity', 'None'],
    ['timeoutSeconds', 10_800],
    ['ipMode', 'VIP'],
    ['ready', true],
    ['serving', true],
    ['terminating', false],
  ]);
}

/** Without `ipFamilies`, without `clusterIPs` that only repeats `clusterIP`. */
function strip(value: unknown, defaults: readonly (readonly [string, unknown])[]): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, defaults));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => {
    if (key === 'ipFamilies') return false;
    if (key === 'clusterIPs') return Array.isArray(item) && item.length > 1;
    return !defaults.some(([name_, value_]) => name_ === key && value_ === item);
  });
  return Object.fromEntries(kept.map(([key, item]) => [key, strip(item, defaults)]));
}
