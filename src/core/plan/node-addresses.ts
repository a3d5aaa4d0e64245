/** Which addresses are this node's. */
import type { IpAddress } from '../model/address.ts';
import type { NodeConfig } from '../model/config.ts';
import type { Node } from '../model/objects.ts';

/** The first of each family is the primary one: bindAddress where it is set, as in kube-proxy. */
export function nodeAddresses(
  { bindAddress, fallbackNodeIps }: Pick<NodeConfig, 'bindAddress' | 'fallbackNodeIps'>,
  node: Node | undefined,
): readonly IpAddress[] {
  const known = node?.addresses ?? fallbackNodeIps;
  return bindAddress === undefined ? known : [bindAddress, ...known.filter((address) => address !== bindAddress)];
}
