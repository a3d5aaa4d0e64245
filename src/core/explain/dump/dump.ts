/** Reads dumps of a kernel's rules, as iptables-save and nft list print them, whichever program made the rules. */
import { parseRuleset } from '../../iptables/listing/parse.ts';
import type { IpFamily } from '../../model/address.ts';
import type { ParseProblem } from '../../model/parsed-ruleset.ts';
import { type ForeignTable, parseTables } from '../../nftables/listing/parse.ts';
import type { PacketRemark, Unclear } from '../explanation.ts';
import { type Resolved, resolved, unclear } from '../question/resolved.ts';
import { iptablesRules, listedRules, type WalkedRules } from '../walk/rules.ts';

export interface Dump {
  readonly rules: WalkedRules;
  readonly notes: readonly PacketRemark[];
}

/** Which program wrote the text. */
export function recogniseDump(text: string): 'iptables' | 'nftables' | undefined {
  if (/^table \S+ \S+ \{/m.test(text)) return 'nftables';
  return /^\*(?:nat|filter|mangle|raw|security)\s*$/m.test(text) ? 'iptables' : undefined;
}

/** The rules of one family in a dump; unclear where the dump has none or cannot be read. */
export function readDump(text: string, family: IpFamily): Resolved<Dump> {
  switch (recogniseDump(text)) {
    case 'iptables':
      return readIptables(text, family);
    case 'nftables':
      return readNftables(text, family);
    case undefined:
      return unclear({
        code: 'dump-unknown',
        problem: 'this is no dump of rules that rulewright knows',
        remedy: 'give the output of iptables-save, ip6tables-save or nft list ruleset',
      });
  }
}

/** An address in a rule, with counters before it or not; those of the two families never look alike. */
const addressOf: Readonly<Record<IpFamily, RegExp>> = {
  IPv4: /^(?:\[[0-9:]+\] )?-A .* (?:-[sd]|--to-destination) [0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/m,
  IPv6: /^(?:\[[0-9:]+\] )?-A .* (?:-[sd]|--to-destination) \[?[0-9a-f]*:[0-9a-f:]*/m,
};

function readIptables(text: string, family: IpFamily): Resolved<Dump> {
  const other = family === 'IPv4' ? 'IPv6' : 'IPv4';
  if (addressOf[other].test(text)) return unclear(otherFamily(other, family));
  const { ruleset, problems } = parseRuleset(family, text);
  return resolved({ rules: iptablesRules('dump', ruleset, problems.map(unreadLine)), notes: [] });
}

function otherFamily(found: IpFamily, wanted: IpFamily): Unclear {
  return {
    code: 'dump-of-other-family',
    problem: `the dump holds ${found} rules, and the packet is ${wanted}`,
    remedy: `give the output of ${wanted === 'IPv4' ? 'iptables-save' : 'ip6tables-save'} alone`,
  };
}

/** The tables of service proxies. */
const proxyTables: readonly string[] = ['rulewright', 'kube-proxy'];

function readNftables(text: string, family: IpFamily): Resolved<Dump> {
  const { tables, others, problems } = parseTables(text);
  const ofFamily = tables.filter(({ ruleset }) => ruleset.family === family);
  const proxies = ofFamily.filter(({ name }) => proxyTables.includes(name));
  const [table] = proxies.length > 0 ? proxies : ofFamily;
  if (table === undefined || proxies.length > 1 || (proxies.length === 0 && ofFamily.length > 1)) {
    return unclear(whichTable(ofFamily, family));
  }
  const unread = [...problems, ...table.problems].map(unreadLine);
  const unseen = [...ofFamily.filter((each) => each !== table).map(tableName), ...others];
  const notes =
    unseen.length === 0
      ? []
      : [
          {
            code: 'tables-unseen',
            text: `other tables can stop the packet too, and were not asked: ${unseen.join(', ')}`,
          },
        ];
  return resolved({ rules: listedRules(table.ruleset, unread), notes });
}

function tableName({ name, ruleset }: ForeignTable): string {
  return `${ruleset.family === 'IPv4' ? 'ip' : 'ip6'} ${name}`;
}

function whichTable(tables: readonly ForeignTable[], family: IpFamily): Unclear {
  if (tables.length === 0) {
    return {
      code: 'dump-of-other-family',
      problem: `the dump holds no table of ${family}`,
      remedy: 'give the output of nft list ruleset',
    };
  }
  return {
    code: 'dump-ambiguous',
    problem: `the dump holds several tables of ${family}: ${tables.map(tableName).join(', ')}`,
    remedy: 'give one of them (nft list table ip kube-proxy); for tables made by iptables, the output of iptables-save',
  };
}

function unreadLine({ line, text, problem }: ParseProblem): PacketRemark {
  return { code: 'line-not-read', text: `line ${line} was not read (${problem}): ${text.trim()}` };
}
