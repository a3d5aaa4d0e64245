/** Settings of an IP family that this node does not have: what kube-proxy refuses, or logs as an error. */
import { type Cidr, familyOf, type IpFamily } from '../../core/model/address.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import type { Node } from '../../core/model/objects.ts';

export interface FamilyProblem {
  readonly problem: string;
  /** Whether the daemon must not go on with it. */
  readonly isFatal: boolean;
}

/**
 * `families`: those that this node can have rules of. The primary one is that of bindAddress, else of the Node's first
 * address; before the Node is known, a node of two families has none.
 */
export function checkFamilies(
  config: Pick<NodeConfig, 'bindAddress' | 'detectLocal'>,
  families: readonly IpFamily[],
  node?: Node,
): FamilyProblem | undefined {
  const { bindAddress, detectLocal } = config;
  const isSingle = families.length === 1;
  const address = bindAddress ?? node?.addresses[0];
  const primary = address === undefined ? (isSingle ? families[0] : undefined) : familyOf(address);
  if (primary === undefined) return undefined;
  if (!families.includes(primary)) {
    const problem = `the primary address of this node is ${address}, but it can have no ${primary} rules`;
    return { problem: `${problem}: set --bind-address to an address of ${families.join(' or ')}`, isFatal: true };
  }
  const lacks = (cidrs: readonly Cidr[]): boolean =>
    cidrs.length > 0 && cidrs.every((cidr) => familyOf(cidr) !== primary);
  const why = `${primary} is the ${isSingle ? 'only' : 'primary'} family of this node`;
  if (detectLocal.mode === 'ClusterCIDR' && lacks(detectLocal.cidrs)) {
    const problem = `clusterCIDR ${detectLocal.cidrs.join(',')} has no ${primary} block, but ${why}`;
    return { problem: `${problem}: add one, or use another --detect-local-mode`, isFatal: isSingle };
  }
  if (detectLocal.mode === 'NodeCIDR' && node !== undefined && lacks(node.podCidrs)) {
    const problem = `podCIDRs ${node.podCidrs.join(',')} of Node ${node.name} have no ${primary} block, but ${why}`;
    return { problem: `${problem}: give the Node one, or use another --detect-local-mode`, isFatal: true };
  }
  return undefined;
}
