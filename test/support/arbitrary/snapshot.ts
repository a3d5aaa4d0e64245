/**
 * Random clusters for properties. The world is small on purpose: few addresses, ports and names, so that Services
 * collide, endpoints come twice and packets hit something.
 */
import fc from 'fast-check';
import {
  type Cidr,
  type IpAddress,
  type IpFamily,
  ipFamilies,
  parseIpAddress,
} from '../../../src/core/model/address.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { DetectLocal, NodeConfig } from '../../../src/core/model/config.ts';
import type {
  EndpointSlice,
  Manifest,
  Node,
  Protocol,
  Service,
  SliceEndpoint,
} from '../../../src/core/model/objects.ts';

const thisNode = 'node-here';

/** The addresses of the small world, by family. */
export interface World {
  readonly nodeAddresses: readonly IpAddress[];
  readonly clusterIps: readonly IpAddress[];
  readonly externalIps: readonly IpAddress[];
  readonly endpoints: readonly IpAddress[];
  readonly podCidr: Cidr;
  readonly ranges: readonly Cidr[];
  /** Senders that are none of the above: a pod, a neighbour outside, one inside a source range, loopback. */
  readonly strangers: readonly IpAddress[];
}

export const worlds: Readonly<Record<IpFamily, World>> = {
  IPv4: {
    nodeAddresses: ips('192.168.0.2', '192.168.1.2'),
    clusterIps: ips('10.96.0.1', '10.96.0.2', '10.96.1.1', '10.97.0.1'),
    // Two are addresses of the node, as a load balancer's may be, and one of them an endpoint's.
    externalIps: ips('203.0.113.1', '203.0.113.2', '192.168.1.2', '192.168.0.2'),
    endpoints: ips('10.244.0.1', '10.244.0.2', '10.244.1.1', '10.244.1.2', '192.168.0.2'),
    podCidr: constantCidr('10.244.0.0/24'),
    ranges: ['198.51.100.0/24', '192.168.0.0/24', '0.0.0.0/0', '10.244.0.0/16'].map(constantCidr),
    strangers: ips('10.244.0.9', '8.8.8.8', '198.51.100.7', '127.0.0.1'),
  },
  IPv6: {
    nodeAddresses: ips('2001:db8::2', '2001:db8:1::2'),
    clusterIps: ips('fd00:96::1', 'fd00:96::2', 'fd00:96::1:1', 'fd00:97::1'),
    externalIps: ips('2001:db8:ff::1', '2001:db8:ff::2', '2001:db8:1::2', '2001:db8::2'),
    endpoints: ips('fd00:10::1', 'fd00:10::2', 'fd00:10:1::1', 'fd00:10:1::2', '2001:db8::2'),
    podCidr: constantCidr('fd00:10::/64'),
    ranges: ['2001:db8:5::/48', '2001:db8::/64', '::/0', 'fd00:10::/32'].map(constantCidr),
    strangers: ips('fd00:10::9', '2001:4860::8888', '2001:db8:5::7', '::1'),
  },
};

export const servicePortNumbers = [80, 443, 30080] as const;
export const nodePortNumbers = [30080, 30443, 31000] as const;
const serviceNames = ['web', 'api', 'db', 'mail'] as const;

export const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** The settings of a node, all modes and layouts. */
export const arbitraryConfig: fc.Arbitrary<NodeConfig> = fc.record({
  mode: fc.constantFrom('iptables', 'nftables'),
  nodeName: fc.constant(thisNode),
  fallbackNodeIps: fc.constantFrom(
    [],
    bothFamilies((world) => world.nodeAddresses),
  ),
  masqueradeAll: fc.boolean(),
  masqueradeBit: fc.constantFrom(14, 0, 31),
  detectLocal: fc.constantFrom<DetectLocal>(
    { mode: 'ClusterCIDR', cidrs: [] },
    { mode: 'ClusterCIDR', cidrs: bothFamilies((world) => [world.podCidr]) },
    { mode: 'ClusterCIDR', cidrs: ['0.0.0.0/0', '::/0'].map(constantCidr) },
    { mode: 'NodeCIDR' },
    { mode: 'BridgeInterface', bridge: 'cbr0' },
    { mode: 'InterfaceNamePrefix', prefix: 'veth' },
  ),
  nodePortAddresses: fc.constantFrom<NodeConfig['nodePortAddresses']>(
    { kind: 'cidrs', cidrs: [] },
    { kind: 'primary' },
    { kind: 'cidrs', cidrs: ['192.168.0.0/24', '127.0.0.0/8', '2001:db8::/64', '::1/128'].map(constantCidr) },
    { kind: 'cidrs', cidrs: [constantCidr('0.0.0.0/1'), constantCidr('128.0.0.0/1')] },
  ),
  localhostNodePorts: fc.boolean(),
  conntrackTcpBeLiberal: fc.boolean(),
  claimRules: fc.record({
    allowExternalIps: fc.constantFrom(true, true, true, false),
    protectNodeAddresses: fc.boolean(),
    protectedPorts: fc.constantFrom([], [{ port: 443, use: "the kubelet's" }]),
    maxFrontends: fc.constantFrom(10_000, 10_000, 3, 7),
  }),
  layout: fc.constantFrom('fast', 'kube-proxy'),
  nfacct: fc.boolean(),
});

/** Objects of a cluster, in no particular order, each name once. */
export const arbitraryObjects: fc.Arbitrary<readonly Manifest[]> = fc
  .tuple(
    fc.uniqueArray(arbitraryService(), { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
    fc.uniqueArray(arbitrarySlice(), { maxLength: 10, selector: ({ name }) => name }),
    fc.option(arbitraryNode(), { nil: undefined }),
  )
  .map(([services, slices, node]) => [
    ...services.map((object) => ({ kind: 'Service', object }) as const),
    ...slices.map((object) => ({ kind: 'EndpointSlice', object }) as const),
    ...(node === undefined ? [] : [{ kind: 'Node', object: node } as const]),
  ]);

function arbitraryService(): fc.Arbitrary<Service> {
  const anyOf = <T>(pick: (world: World) => readonly T[]) => fc.subarray([...bothFamilies(pick)], { maxLength: 3 });
  const port = arbitraryNamedPort().chain((named) =>
    fc.record({
      name: fc.constant(named.name),
      protocol: fc.constant(named.protocol),
      port: fc.constantFrom(...servicePortNumbers),
      nodePort: fc.constantFrom(undefined, ...nodePortNumbers),
    }),
  );
  return fc
    .record({
      name: fc.constantFrom(...serviceNames),
      createdAtMs: fc.constantFrom(undefined, 1000, 2000),
      clusterIp4: fc.constantFrom(undefined, ...worlds.IPv4.clusterIps),
      clusterIp6: fc.constantFrom(undefined, ...worlds.IPv6.clusterIps),
      externalIps: anyOf((world) => world.externalIps),
      // Not the endpoint's: there the modes differ when it is guarded (docs/semantics.md).
      loadBalancerIps: anyOf((world) => world.externalIps.slice(0, 3)),
      loadBalancerSourceRanges: anyOf((world) => world.ranges),
      ports: fc.uniqueArray(port, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
      internalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
      externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
      affinityTimeoutSeconds: fc.constantFrom(undefined, undefined, 600),
      healthCheckNodePort: fc.constantFrom(undefined, 31000, 32000),
    })
    .map(({ clusterIp4, clusterIp6, ports, ...rest }) =>
      withoutUndefined({
        ...rest,
        namespace: 'shop',
        clusterIps: withoutUndefined({ IPv4: clusterIp4, IPv6: clusterIp6 }),
        ports: ports.map(withoutUndefined),
      }),
    );
}

/** The two ports of the world, as Services and slices name them; now and then they differ in protocol. */
function arbitraryNamedPort(): fc.Arbitrary<{ readonly name: string; readonly protocol: Protocol }> {
  return fc.constantFrom(
    { name: 'http', protocol: 'TCP' },
    { name: 'http', protocol: 'TCP' },
    { name: 'http', protocol: 'SCTP' },
    { name: 'dns', protocol: 'UDP' },
  );
}

function arbitrarySlice(): fc.Arbitrary<EndpointSlice> {
  return fc
    .record({
      number: fc.nat(20),
      family: fc.constantFrom(...ipFamilies),
      serviceName: fc.constantFrom(...serviceNames),
      ports: fc.uniqueArray(
        arbitraryNamedPort().chain((named) =>
          fc.constantFrom(8080, 8080, 80, 30080).map((port) => ({ ...named, port })),
        ),
        { minLength: 1, maxLength: 3, selector: ({ name }) => name },
      ),
    })
    .chain(({ number, ...slice }) =>
      fc.array(arbitraryEndpoint(worlds[slice.family]), { minLength: 1, maxLength: 5 }).map((endpoints) => ({
        ...slice,
        namespace: 'shop',
        name: `slice-${number}`,
        endpoints,
      })),
    );
}

function arbitraryEndpoint(world: World): fc.Arbitrary<SliceEndpoint> {
  return fc
    .record({
      address: fc.constantFrom(...world.endpoints),
      ready: fc.constantFrom(true, true, true, false),
      serving: fc.boolean(),
      terminating: fc.boolean(),
      nodeName: fc.constantFrom(undefined, thisNode, 'node-there'),
      zoneHints: fc.constantFrom([], ['zone-a'], ['zone-a', 'zone-b']),
      nodeHints: fc.constantFrom([], [], [thisNode], ['node-there']),
    })
    .map(withoutUndefined);
}

function arbitraryNode(): fc.Arbitrary<Node> {
  return fc
    .record({
      name: fc.constant(thisNode),
      addresses: fc.subarray([...bothFamilies((world) => world.nodeAddresses)]),
      podCidrs: fc.subarray([...bothFamilies((world) => [world.podCidr])]),
      zone: fc.constantFrom(undefined, 'zone-a', 'zone-b'),
    })
    .map(withoutUndefined);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined, as the model does. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Defined<T>;
}

function bothFamilies<T>(pick: (world: World) => readonly T[]): readonly T[] {
  return ipFamilies.flatMap((family) => pick(worlds[family]));
}

function ips(...texts: readonly string[]): readonly IpAddress[] {
  return texts.map((text) => {
    const address = parseIpAddress(text);
    if (address === undefined) throw new Error(`not an address: ${text}`);
    return address;
  });
}
