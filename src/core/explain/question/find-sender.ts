/** Finds the source address that a question means. */
import {
  addressFromBits,
  type Cidr,
  familyOf,
  type IpAddress,
  type IpFamily,
  parseIpAddress,
} from '../../model/address.ts';
import { cidrBounds, cidrContains, loopbackBlocks } from '../../model/cidr.ts';
import type { SliceEndpoint } from '../../model/objects.ts';
import { findIn, keysIn } from '../../structures/shards.ts';
import type { Unclear } from '../explanation.ts';
import { similarNames } from '../similar.ts';
import { allEndpoints, endpointsOf, nodeOf, planOf, type World } from '../world.ts';
import { type Resolved, resolved, unclear } from './resolved.ts';

export interface SourceWords {
  readonly source: string;
  readonly family: IpFamily;
  /** Where the packet goes: a node that talks to its loopback address does so from that address. */
  readonly destination: IpAddress;
}

/** A sender's address, and a few words that describe the sender. */
export interface SenderAddress {
  readonly address: IpAddress;
  readonly who: string;
}

export function findSender(world: World, words: SourceWords): Resolved<SenderAddress> {
  const { source, family, destination } = words;
  switch (source) {
    case 'node':
      return nodeAddress(world, family, destination);
    case 'localhost':
      return resolved({ address: loopbackAddress[family], who: 'the loopback address of this node' });
    case 'outside':
      return resolved({ address: outsideAddress(world, family), who: 'a typical client outside the cluster' });
    case 'pod':
      return typicalPod(world, family);
    default: {
      const address = parseIpAddress(source);
      if (address !== undefined) return resolved({ address, who: whoIs(world, address) });
      return source.includes('/') ? namedAddress(world, source, family) : unclear(unknownWord(source));
    }
  }
}

const loopbackAddress: Readonly<Record<IpFamily, IpAddress>> = { IPv4: constant('127.0.0.1'), IPv6: constant('::1') };

function nodeAddress(world: World, family: IpFamily, destination: IpAddress): Resolved<SenderAddress> {
  if (cidrContains(loopbackBlocks[family], destination)) {
    return resolved({ address: destination, who: 'this node, by its loopback address' });
  }
  const address = world.host.addresses.find((each) => familyOf(each) === family);
  if (address !== undefined) return resolved({ address, who: `this node${nameOf(world)}` });
  return unclear({
    code: 'node-address-unknown',
    problem: `no ${family} address of this node is known`,
    remedy: 'add the Node object to the input, or pass --node-ip',
  });
}

function nameOf({ config }: World): string {
  return config.nodeName === '' ? '' : ` (${config.nodeName})`;
}

/** Addresses from the documentation blocks (RFC 5737, RFC 3849). */
const examples: Readonly<Record<IpFamily, readonly IpAddress[]>> = {
  IPv4: ['203.0.113.10', '198.51.100.10', '192.0.2.10'].map(constant),
  IPv6: ['2001:db8:ffff::10', '2001:db8::10'].map(constant),
};

/** The first example that the cluster does not use. */
function outsideAddress(world: World, family: IpFamily): IpAddress {
  const { localPods } = planOf(world, family);
  const isFree = (address: IpAddress): boolean =>
    !(localPods.kind === 'sources' && cidrContains(localPods.cidr, address)) && !world.host.addresses.includes(address);
  return examples[family].find(isFree) ?? examples[family][0] ?? constant('203.0.113.10');
}

/** A pod of this node, preferably one that is not an endpoint: an endpoint could reach itself. */
function typicalPod(world: World, family: IpFamily): Resolved<SenderAddress> {
  const endpoints = allEndpoints(world).filter(({ endpoint }) => familyOf(endpoint.address) === family);
  const block = blockOfPods(world, family);
  const taken = new Set(endpoints.map(({ endpoint }) => endpoint.address));
  const address = block === undefined ? undefined : freeAddress(block, taken);
  if (address !== undefined) return resolved({ address, who: 'a typical pod of this node' });
  const { nodeName } = world.config;
  const someone = endpoints.find(({ endpoint }) => {
    return endpoint.nodeName === nodeName && !isOfThisNode(world, endpoint.address);
  });
  if (someone !== undefined) {
    return resolved({ address: someone.endpoint.address, who: `a pod of this node, endpoint of ${someone.service}` });
  }
  return unclear({
    code: 'pod-address-unknown',
    problem: 'no pod address of this node is known',
    remedy: 'use an address, add the Node object with its podCIDRs, or pass --cluster-cidr',
  });
}

/** Of this node's pods, else of all pods. */
function blockOfPods(world: World, family: IpFamily): Cidr | undefined {
  const { localPods } = planOf(world, family);
  const own = nodeOf(world)?.podCidrs.find((cidr) => familyOf(cidr) === family);
  return own ?? (localPods.kind === 'sources' ? localPods.cidr : undefined);
}

/** Near the end of a /24, where no gateway is. */
const lastOffset = 250n;

function freeAddress(block: Cidr, taken: ReadonlySet<IpAddress>): IpAddress | undefined {
  const start = BigInt(cidrBounds(block)[0]);
  for (let offset = lastOffset; offset > 1n; offset -= 1n) {
    const address = addressFromBits(familyOf(block), start + offset);
    if (cidrContains(block, address) && !taken.has(address)) return address;
  }
  return undefined;
}

/** The Pod of that name, else an endpoint of the Service of that name, preferably ready and on this node. */
function namedAddress(world: World, name: string, family: IpFamily): Resolved<SenderAddress> {
  const { clusterFacts, snapshot, config } = world;
  const pod = clusterFacts.pods.get(name)?.addresses.find((address) => familyOf(address) === family);
  if (pod !== undefined) return resolved({ address: pod, who: `Pod ${name}` });
  const rank = ({ ready, nodeName }: SliceEndpoint) => Number(ready) * 2 + Number(nodeName === config.nodeName);
  const endpoints = endpointsOf(world, name)
    .map(({ endpoint }) => endpoint)
    .filter(({ address }) => familyOf(address) === family)
    .sort((a, b) => rank(b) - rank(a));
  const [first] = endpoints;
  if (first !== undefined)
    return resolved({ address: first.address, who: `an endpoint of ${name}${placeOf(first.nodeName)}` });
  const isKnown = findIn(snapshot.services, name) !== undefined || clusterFacts.pods.has(name);
  if (isKnown) {
    return unclear({
      code: 'source-without-address',
      problem: `${name} has no ${family} endpoint, so nothing can be sent from it`,
      remedy: 'use another source, or an address',
    });
  }
  const similar = similarNames(name, [...clusterFacts.pods.keys(), ...keysIn(snapshot.slices)]);
  return unclear({
    code: 'source-unknown',
    problem: `found no Pod and no Service with endpoints named ${name}`,
    remedy:
      similar.length > 0 ? `did you mean ${similar.join(', ')}` : 'use an address, or add its objects to the input',
  });
}

function whoIs(world: World, address: IpAddress): string {
  if (cidrContains(loopbackBlocks[familyOf(address)], address)) return 'the loopback address of this node';
  if (isOfThisNode(world, address)) return `this node${nameOf(world)}`;
  const endpoint = allEndpoints(world).find((each) => each.endpoint.address === address);
  if (endpoint !== undefined) return `an endpoint of ${endpoint.service}${placeOf(endpoint.endpoint.nodeName)}`;
  const pod = [...world.clusterFacts.pods].find(([, { addresses }]) => addresses.includes(address));
  return pod === undefined ? 'an unknown address' : `Pod ${pod[0]}`;
}

function placeOf(nodeName: string | undefined): string {
  return nodeName === undefined ? '' : ` on ${nodeName}`;
}

export function isOfThisNode({ host }: World, address: IpAddress): boolean {
  return host.addresses.includes(address) || cidrContains(loopbackBlocks[familyOf(address)], address);
}

function unknownWord(source: string): Unclear {
  return {
    code: 'source-unknown',
    problem: `source ${source} is not an address, a namespace/name, node, pod, outside or localhost`,
    remedy: 'use the namespace/name of a Pod or Service, an address, or one of these words',
  };
}

function constant(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}
