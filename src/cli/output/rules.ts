/** Rules and changes of rules as text: input for the programs that load them. */
import { type IpFamily, ipFamilies, type PerFamily } from '../../core/model/address.ts';
import type { ProxyMode } from '../../core/model/config.ts';

type Loaders = Readonly<Record<ProxyMode, Readonly<Record<IpFamily, string>>>>;

/** What loads whole rules, and what loads a change. */
export const loaders = {
  whole: {
    iptables: { IPv4: 'iptables-restore', IPv6: 'ip6tables-restore' },
    nftables: { IPv4: 'nft -f', IPv6: 'nft -f' },
  },
  change: {
    iptables: { IPv4: 'iptables-restore --noflush', IPv6: 'ip6tables-restore --noflush' },
    nftables: { IPv4: 'nft -f', IPv6: 'nft -f' },
  },
} as const satisfies Readonly<Record<string, Loaders>>;

export interface RulesTexts {
  readonly texts: PerFamily<string>;
  readonly mode: ProxyMode;
  readonly loaders: Loaders;
}

/**
 * One family: complete input for its program. Two: `nft` takes both at once; in iptables mode each stands below a line
 * `==> IPv4 <==` that no restore program accepts. Without it, `iptables-restore` would load the first part and then let
 * the tables of the second, as far as they hold no address, take its place.
 */
export function formatRules(version: string, { texts, mode, loaders: programs }: RulesTexts): string {
  const parts = ipFamilies.flatMap((family) => {
    const text = texts[family];
    if (text === undefined) return [];
    return [{ family, text: `# rulewright ${version}: ${programs[mode][family]} input for ${family}\n${text}` }];
  });
  if (parts.length < 2 || mode === 'nftables') return parts.map(({ text }) => text).join('');
  return parts.map(({ family, text }) => `==> ${family} <==\n${text}`).join('\n');
}
