/** Short ways to write model objects in tests. Each takes what matters and fills in the rest plainly. */
import { type IpAddress, parseIpAddress } from '../../src/core/model/address.ts';
import { constantCidr } from '../../src/core/model/cidr.ts';
import type { ClaimRules, NodeConfig } from '../../src/core/model/config.ts';
import type { EndpointSlice, Manifest, Service, SliceEndpoint } from '../../src/core/model/objects.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../../src/core/snapshot/snapshot.ts';

export function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

/** A Service `shop/NAME` with cluster IP 10.96.0.1 and port http 80/TCP. */
export function service(name: string, over: Partial<Service> = {}): Service {
  return {
    namespace: 'shop',
    name,
    clusterIps: { IPv4: ip('10.96.0.1') },
    externalIps: [],
    loadBalancerIps: [],
    loadBalancerSourceRanges: [],
    ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    ...over,
  };
}

/** An IPv4 slice of `shop/SERVICE` with port http 8080/TCP. */
export function slice(serviceName: string, endpoints: readonly SliceEndpoint[], over: Partial<EndpointSlice> = {}) {
  return {
    namespace: 'shop',
    name: `${serviceName}-a`,
    serviceName,
    family: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints,
    ...over,
  } satisfies EndpointSlice;
}

/** An endpoint that is ready and runs on another node. */
export function endpoint(address: string, over: Partial<SliceEndpoint> = {}): SliceEndpoint {
  return {
    address: ip(address),
    ready: true,
    serving: true,
    terminating: false,
    nodeName: 'node-b',
    zoneHints: [],
    nodeHints: [],
    ...over,
  };
}

/** Those that hold without flags. */
export const claimRules: ClaimRules = {
  allowExternalIps: true,
  protectNodeAddresses: false,
  protectedPorts: [{ port: 10250, use: "the kubelet's" }],
  maxFrontends: 10_000,
};

/** The settings of node-a in the fast layout, with detection by cluster CIDR 10.244.0.0/16. */
export function nodeConfig(over: Partial<NodeConfig> = {}): NodeConfig {
  return {
    mode: 'iptables',
    nodeName: 'node-a',
    fallbackNodeIps: [ip('192.168.0.2')],
    masqueradeAll: false,
    masqueradeBit: 14,
    detectLocal: { mode: 'ClusterCIDR', cidrs: [constantCidr('10.244.0.0/16')] },
    nodePortAddresses: { kind: 'cidrs', cidrs: [] },
    localhostNodePorts: true,
    conntrackTcpBeLiberal: false,
    claimRules,
    layout: 'fast',
    nfacct: false,
    ...over,
  };
}

/** A snapshot that holds these objects. */
export function snapshotOf(objects: { services?: readonly Service[]; slices?: readonly EndpointSlice[] }): Snapshot {
  const manifests: Manifest[] = [
    ...(objects.services ?? []).map((object) => ({ kind: 'Service', object }) as const),
    ...(objects.slices ?? []).map((object) => ({ kind: 'EndpointSlice', object }) as const),
  ];
  return snapshotOfManifests(manifests);
}

/** A snapshot that holds these manifests, set in this order. */
export function snapshotOfManifests(manifests: readonly Manifest[]): Snapshot {
  return reduce(
    emptySnapshot,
    manifests.map((manifest) => ({ type: 'set', manifest })),
  );
}
