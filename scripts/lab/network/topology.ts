/**
 * A network as commands: a switch that joins the nodes and the world outside; the node under test
 * with its pods behind it, each in a namespace of its own; other nodes that hold their pods' addresses themselves.
 */
import type { Listener } from '../agent/messages.ts';
import { isIpv6, type Network, type NodeSpec, type PodSpec } from './network.ts';

interface NamespaceSetUp {
  readonly name: string;
  /** Kernel settings, made before any link exists. */
  readonly sysctls: readonly (readonly [string, string])[];
  /** Commands for `ip -batch` that make links to other namespaces. */
  readonly links: readonly string[];
  /** Commands for `ip -batch` once all links are there. */
  readonly configure: readonly string[];
  readonly listeners: readonly Listener[];
  /** Whether an agent in it serves or calls. */
  readonly hasAgent: boolean;
}

/** The node routes, also what comes from 127.0.0.1, and back to where a packet came from. */
const nodeSysctls = [
  ['net/ipv4/ip_forward', '1'],
  ['net/ipv4/conf/all/rp_filter', '0'],
  ['net/ipv4/conf/default/rp_filter', '0'],
  ['net/ipv4/conf/all/send_redirects', '0'],
  ['net/ipv4/conf/default/send_redirects', '0'],
  ['net/ipv4/conf/all/route_localnet', '1'],
  ['net/ipv6/conf/all/forwarding', '1'],
] as const;

/**
 * No duplicate address detection: a link-local address that is still tentative cannot ask for a neighbour on behalf of
 * another address, and IPv6 would stand still for a second.
 */
const neighbourSysctls = [
  ['net/ipv6/conf/all/accept_dad', '0'],
  ['net/ipv6/conf/default/accept_dad', '0'],
] as const;

/** The switch switches: no netfilter on frames, where the kernel has that. */
const switchSysctls = [
  ['net/bridge/bridge-nf-call-iptables', '0'],
  ['net/bridge/bridge-nf-call-ip6tables', '0'],
] as const;

const defaultRoute = { IPv4: '0.0.0.0/0', IPv6: '::/0' };

/** `namespaceOf` turns a node's or pod's name into the name of a namespace. */
export function layOut(network: Network, namespaceOf: (name: string) => string): NamespaceSetUp[] {
  const localPods = network.pods.filter(({ node }) => node === network.node.name);
  return [
    switchSetUp(
      [network.node, ...network.otherNodes].map(({ name }) => name),
      namespaceOf,
    ),
    {
      name: network.node.name,
      sysctls: [...nodeSysctls, ...neighbourSysctls],
      links: localPods.map(
        ({ name }) => `link add ${portOf(name)} type veth peer name eth0 netns ${namespaceOf(name)}`,
      ),
      configure: [...joinLan(network.node, network), ...localPods.flatMap((pod) => routeToPod(pod, network.node))],
      listeners: [],
      hasAgent: true,
    },
    ...network.otherNodes.map((node) => otherNodeSetUp(node, network)),
    outsideSetUp(network),
    ...localPods.map((pod) => podSetUp(pod, network.node)),
  ];
}

function switchSetUp(nodes: readonly string[], namespaceOf: (name: string) => string): NamespaceSetUp {
  const links = [...nodes, 'outside'].flatMap((name) => [
    `link add ${portOf(name)} type veth peer name eth0 netns ${namespaceOf(name)}`,
    `link set ${portOf(name)} master lan0 up`,
  ]);
  return {
    name: 'switch',
    sysctls: switchSysctls,
    links: ['link add lan0 type bridge mcast_snooping 0', 'link set lan0 up', ...links],
    configure: [],
    listeners: [],
    hasAgent: false,
  };
}

function otherNodeSetUp(node: NodeSpec, network: Network): NamespaceSetUp {
  const pods = network.pods.filter((pod) => pod.node === node.name);
  const podAddresses = pods.flatMap(({ addresses }) => addresses.map((address) => addAddress(hostOf(address), 'lo')));
  return {
    name: node.name,
    sysctls: neighbourSysctls,
    links: [],
    configure: [...joinLan(node, network), ...podAddresses],
    listeners: pods.flatMap(listenersOf),
    hasAgent: true,
  };
}

function outsideSetUp({ outsideAddresses, routedToNode, node }: Network): NamespaceSetUp {
  const routes = routedToNode.flatMap((cidr) => routeVia(cidr, node.addresses));
  const configure = [...bringUp, ...outsideAddresses.map((address) => addAddress(address, 'eth0')), ...routes];
  return { name: 'outside', sysctls: [], links: [], configure, listeners: [], hasAgent: true };
}

function podSetUp(pod: PodSpec, node: NodeSpec): NamespaceSetUp {
  const routes = pod.addresses.flatMap((address) => {
    const gateway = sameFamily(address, node.gateways);
    if (gateway === undefined) return [];
    return [`route add ${hostOf(gateway)} dev eth0`, `route add ${defaultOf(address)} via ${gateway} dev eth0`];
  });
  const addresses = pod.addresses.map((address) => addAddress(hostOf(address), 'eth0'));
  return {
    name: pod.name,
    sysctls: [],
    links: [],
    configure: [...bringUp, ...addresses, ...routes],
    listeners: listenersOf(pod),
    hasAgent: true,
  };
}

const bringUp = ['link set lo up', 'link set eth0 up'];

/** The node's own addresses, and routes to the pods of all other nodes and to everywhere else. */
function joinLan(node: NodeSpec, network: Network): string[] {
  const others = [network.node, ...network.otherNodes].filter((other) => other !== node);
  const toPods = others.flatMap(({ podCidrs, addresses }) => podCidrs.flatMap((cidr) => routeVia(cidr, addresses)));
  const router = network.outsideAddresses;
  const toRest = [defaultRoute.IPv4, defaultRoute.IPv6].flatMap((cidr) => routeVia(cidr, router));
  return [...bringUp, ...node.addresses.map((address) => addAddress(address, 'eth0')), ...toPods, ...toRest];
}

function routeToPod(pod: PodSpec, node: NodeSpec): string[] {
  const port = portOf(pod.name);
  const gateways = node.gateways.map((gateway) => addAddress(hostOf(gateway), port));
  const routes = pod.addresses.map((address) => `route add ${hostOf(address)} dev ${port}`);
  return [`link set ${port} up`, ...gateways, ...routes];
}

function routeVia(cidr: string, addresses: readonly string[]): string[] {
  const via = sameFamily(cidr, addresses);
  return via === undefined ? [] : [`route add ${cidr} via ${bare(via)}`];
}

/** Without duplicate address detection, which would keep an IPv6 address unusable for a second or two. */
function addAddress(address: string, device: string): string {
  return `addr add ${address} dev ${device}${isIpv6(address) ? ' nodad' : ''}`;
}

function listenersOf(pod: PodSpec): Listener[] {
  return pod.addresses.flatMap((address) => pod.ports.map((port) => ({ pod: pod.name, address, ...port })));
}

/** The interface that leads there; the kernel takes names of up to 15 characters (IFNAMSIZ − 1). */
function portOf(name: string): string {
  return `v-${name}`.slice(0, 15);
}

function hostOf(address: string): string {
  return `${address}/${isIpv6(address) ? 128 : 32}`;
}

function defaultOf(address: string): string {
  return isIpv6(address) ? defaultRoute.IPv6 : defaultRoute.IPv4;
}

function sameFamily(address: string, candidates: readonly string[]): string | undefined {
  return candidates.find((candidate) => isIpv6(candidate) === isIpv6(address));
}

function bare(address: string): string {
  return address.split('/')[0] ?? address;
}
