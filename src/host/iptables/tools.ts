/** The programs of iptables, as one machine has them. */
import type { IpFamily } from '../../core/model/address.ts';

/** Two ways into the kernel that do not see each other's rules: x_tables, and nf_tables in iptables' clothes. */
export type IptablesVariant = 'legacy' | 'nft';

export interface IptablesTools {
  readonly variant: IptablesVariant;
  /** As in `1.8.9`. */
  readonly version: string;
  /** Whether the programs of this variant have its name: `iptables-nft-save`, not `iptables-save`. */
  readonly isNamed: boolean;
}

/** `ip6tables-nft-restore`, or `ip6tables-restore` where there is only one variant; without a verb `ip6tables-nft`. */
export function toolName(
  { variant, isNamed }: Pick<IptablesTools, 'variant' | 'isNamed'>,
  family: IpFamily,
  verb?: 'save' | 'restore',
): string {
  const base = family === 'IPv4' ? 'iptables' : 'ip6tables';
  return [base, ...(isNamed ? [variant] : []), ...(verb === undefined ? [] : [verb])].join('-');
}
