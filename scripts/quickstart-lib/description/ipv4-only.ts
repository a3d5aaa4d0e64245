/** The description for a kernel without IPv6. */
import { existsSync } from 'node:fs';
import { isIpv6, type Network, type NodeSpec } from '../../lab/network/network.ts';
import type { Call, Traffic } from './traffic.ts';

/** A kernel can be built or started without. */
export function kernelHasIpv6(): boolean {
  return existsSync('/proc/net/if_inet6');
}

/** The same network and calls, less what needs IPv6. */
export function withoutIpv6(traffic: Traffic): Traffic {
  return {
    ...traffic,
    network: networkWithoutIpv6(traffic.network),
    services: traffic.services.map((service) => ({ ...service, calls: service.calls.filter(isIpv4Call) })),
    change: { ...traffic.change, calls: traffic.change.calls.filter(isIpv4Call) },
  };
}

function networkWithoutIpv6(network: Network): Network {
  return {
    node: nodeWithoutIpv6(network.node),
    otherNodes: network.otherNodes.map(nodeWithoutIpv6),
    clusterCidrs: onlyIpv4(network.clusterCidrs),
    outsideAddresses: onlyIpv4(network.outsideAddresses),
    routedToNode: onlyIpv4(network.routedToNode),
    pods: network.pods.map((pod) => ({ ...pod, addresses: onlyIpv4(pod.addresses) })),
  };
}

function nodeWithoutIpv6(node: NodeSpec): NodeSpec {
  const { addresses, podCidrs, gateways } = node;
  return { ...node, addresses: onlyIpv4(addresses), podCidrs: onlyIpv4(podCidrs), gateways: onlyIpv4(gateways) };
}

function onlyIpv4(addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => !isIpv6(address));
}

function isIpv4Call({ to }: Call): boolean {
  return !isIpv6(to.address);
}
