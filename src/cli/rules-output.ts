/** `-o rules`: input for the restore programs. */
import { type IpFamily, ipFamilies, type PerFamily } from '../core/model/address.ts';

const restorePrograms: Readonly<Record<IpFamily, string>> = { IPv4: 'iptables-restore', IPv6: 'ip6tables-restore' };

/**
 * One family: complete input for its restore program. Two: both, each below a line `==> IPv4 <==` that no restore
 * program accepts. Without it, `iptables-restore` would load the first part and then let the tables of the second, as
 * far as they hold no address, take its place.
 */
export function formatRules(version: string, texts: PerFamily<string>): string {
  const parts = ipFamilies.flatMap((family) => {
    const text = texts[family];
    if (text === undefined) return [];
    return [{ family, text: `# rulewright ${version}: ${restorePrograms[family]} input for ${family}\n${text}` }];
  });
  if (parts.length < 2) return parts.map(({ text }) => text).join('');
  return parts.map(({ family, text }) => `==> ${family} <==\n${text}`).join('\n');
}
