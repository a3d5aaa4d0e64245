import { familyOf, type IpAddress } from '../model/address.ts';
import { cidrContains, hostCidr, isWholeFamily } from '../model/cidr.ts';
import type { Service } from '../model/objects.ts';
import type { ExternalAddress } from '../model/plan.ts';
import { compareText } from '../structures/compare-text.ts';
import type { FamilyContext } from './context.ts';

/**
 * The external addresses of one family, each once. An address that is both an external IP and a guarded load-balancer
 * IP stays guarded: the stricter claim holds.
 */
export function externalAddresses(
  service: Service,
  clusterIp: IpAddress,
  context: FamilyContext,
): readonly ExternalAddress[] {
  const ofFamily = (address: IpAddress) => familyOf(address) === context.family && address !== clusterIp;
  const loadBalancerIps = service.loadBalancerIps.filter(ofFamily);
  const allowedSources = sourcesAllowed(service, loadBalancerIps, context);
  const byAddress = new Map<IpAddress, ExternalAddress>();
  for (const address of service.externalIps.filter(ofFamily)) byAddress.set(address, { kind: 'externalIP', address });
  for (const address of loadBalancerIps) {
    byAddress.set(address, {
      kind: 'loadBalancerIP',
      address,
      ...(allowedSources === undefined ? {} : { allowedSources }),
    });
  }
  return [...byAddress.values()].sort((a, b) => compareText(a.address, b.address));
}

/**
 * The sources that may use the load-balancer IPs; undefined for all. When the node itself is among them its connections
 * may leave with the load-balancer IP as their source, since that is often a local address (kube-proxy: allowFromNode).
 */
function sourcesAllowed(service: Service, loadBalancerIps: readonly IpAddress[], { family, primaryIp }: FamilyContext) {
  const ranges = service.loadBalancerSourceRanges.filter((range) => familyOf(range) === family);
  if (ranges.length === 0 || ranges.some(isWholeFamily)) return undefined;
  const includesNode = primaryIp !== undefined && ranges.some((range) => cidrContains(range, primaryIp));
  return [...new Set([...ranges, ...(includesNode ? loadBalancerIps.map(hostCidr) : [])])];
}
