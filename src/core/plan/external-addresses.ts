import { familyOf, type IpAddress } from '../model/address.ts';
import { cidrContains, hostCidr, isWholeFamily } from '../model/cidr.ts';
import type { Service } from '../model/objects.ts';
import type { ExternalAddress } from '../model/plan.ts';
import type { FamilyContext } from './context.ts';

/**
 * The external addresses of one family, each once, in the order in which they are served: load-balancer IPs, then
 * external IPs, each as the object lists them. An address that is both stays guarded: the stricter claim holds.
 */
export function externalAddresses(
  service: Service,
  clusterIp: IpAddress,
  context: FamilyContext,
): readonly ExternalAddress[] {
  if (service.externalIps.length === 0 && service.loadBalancerIps.length === 0) return [];
  const ofFamily = (address: IpAddress) => familyOf(address) === context.family && address !== clusterIp;
  const loadBalancerIps = new Set(service.loadBalancerIps.filter(ofFamily));
  const allowedSources = sourcesAllowed(service, [...loadBalancerIps], context);
  const guard = allowedSources === undefined ? {} : { allowedSources };
  const externalIps = context.claimRules.allowExternalIps ? new Set(service.externalIps.filter(ofFamily)) : [];
  return [
    ...[...loadBalancerIps].map((address) => ({ kind: 'loadBalancerIP', address, ...guard }) as const),
    ...[...externalIps]
      .filter((address) => !loadBalancerIps.has(address))
      .map((address) => ({ kind: 'externalIP', address }) as const),
  ];
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
