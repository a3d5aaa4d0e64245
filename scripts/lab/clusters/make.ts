/** Made-up clusters for measuring, as the API server would list them. The same size gives the same objects. */

/**
 * `services` Services with `endpoints` endpoints each, on 100 nodes, as untyped API objects. One Service has an
 * endpoint less, as one has in any real cluster: what rules know by a number of endpoints is there when another loses
 * one.
 */
export function makeCluster(services: number, endpoints: number): readonly unknown[] {
  const objects: unknown[] = [];
  for (let i = 0; i < services; i += 1) {
    objects.push(makeService(i), makeSlice(i, endpoints, i === smallerService ? 1 : 0));
  }
  return objects;
}

const smallerService = 1;

/** The Service with this number. Cluster IPs lie scattered in 10.96.0.0/12, as an allocator leaves them. */
function makeService(i: number): unknown {
  // A multiplier prime to 2^20 visits each address once.
  const offset = (i * 700_001) % 2 ** 20;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'bench', name: `service-${i}`, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      type: 'ClusterIP',
      clusterIP: `10.${96 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`,
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
    },
  };
}

/** The slice of the Service with this number; its first `missing` endpoints are left out. */
export function makeSlice(i: number, endpoints: number, missing = 0): unknown {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'bench',
      name: `service-${i}-slice`,
      labels: { 'kubernetes.io/service-name': `service-${i}` },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: Array.from({ length: endpoints - missing }, (_, j) => makeEndpoint(i * endpoints + missing + j)),
  };
}

function makeEndpoint(number: number): unknown {
  return {
    addresses: [`10.${128 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${number % 100}`,
  };
}
