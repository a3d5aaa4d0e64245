/** The words of iptables: tables with their chains, and the options of matches and targets that rulewright reads. */
import type { TableName } from './ruleset.ts';

/** The chains that the kernel calls, in the order of iptables-save. */
export const builtInChains: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** Whether a text names a table. */
export function isTableName(text: string): text is TableName {
  return Object.hasOwn(builtInChains, text);
}

export type HeaderOption =
  | 'source'
  | 'destination'
  | 'in'
  | 'out'
  | 'protocol'
  | 'match'
  | 'jump'
  | 'goto'
  | 'counters';

/** Options that belong to no match module, in all their spellings (iptables(8), PARAMETERS). */
export const headerOptions: ReadonlyMap<string, HeaderOption | 'fragment'> = new Map(
  (
    [
      ['source', '-s', '--source', '--src'],
      ['destination', '-d', '--destination', '--dst'],
      ['in', '-i', '--in-interface'],
      ['out', '-o', '--out-interface'],
      ['protocol', '-p', '--protocol', '--proto'],
      ['match', '-m', '--match'],
      ['jump', '-j', '--jump'],
      ['goto', '-g', '--goto'],
      ['counters', '-c', '--set-counters'],
      ['fragment', '-f', '--fragment'],
    ] as const
  ).flatMap(([option, ...spellings]) => spellings.map((spelling) => [spelling, option] as const)),
);

/** The options of a match or target by name, with how many words follow each. */
export type OptionCounts = ReadonlyMap<string, number>;

const portOptions = { '--dport': 1, '--destination-port': 1, '--sport': 1, '--source-port': 1 };

/** The matches that rulewright reads. Options that are not here, and other matches, are kept as words. */
export const matchOptions: ReadonlyMap<string, OptionCounts> = optionTable({
  comment: { '--comment': 1 },
  tcp: { ...portOptions, '--tcp-flags': 2, '--syn': 0, '--tcp-option': 1 },
  udp: portOptions,
  sctp: { ...portOptions, '--chunk-types': 2 },
  addrtype: { '--src-type': 1, '--dst-type': 1, '--limit-iface-in': 0, '--limit-iface-out': 0 },
  conntrack: { '--ctstate': 1 },
  state: { '--state': 1 },
  mark: { '--mark': 1 },
  statistic: { '--mode': 1, '--probability': 1, '--every': 1, '--packet': 1 },
  recent: {
    '--set': 0,
    '--rcheck': 0,
    '--update': 0,
    '--remove': 0,
    '--seconds': 1,
    '--reap': 0,
    '--hitcount': 1,
    '--rttl': 0,
    '--name': 1,
    '--mask': 1,
    '--rsource': 0,
    '--rdest': 0,
  },
  nfacct: { '--nfacct-name': 1 },
});

/** The targets with options that rulewright reads. */
export const targetOptions: ReadonlyMap<string, OptionCounts> = optionTable({
  REJECT: { '--reject-with': 1 },
  DNAT: { '--to-destination': 1, '--random': 0, '--persistent': 0 },
  MASQUERADE: { '--random-fully': 0, '--random': 0, '--to-ports': 1 },
  MARK: { '--set-xmark': 1, '--set-mark': 1, '--and-mark': 1, '--or-mark': 1, '--xor-mark': 1 },
});

/** Targets without options of their own. */
export const verdicts: ReadonlyMap<string, 'accept' | 'drop' | 'return'> = new Map([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['RETURN', 'return'],
]);

/** Targets of iptables-extensions(8) that rulewright keeps without reading them. A name like these is no chain. */
const otherTargets =
  'AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNPT DSCP ECN HL HMARK IDLETIMER LED LOG NETMAP NFLOG ' +
  'NFQUEUE NOTRACK QUEUE RATEEST REDIRECT SECMARK SET SNAT SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE ' +
  'TTL ULOG';

const extensionTargets: ReadonlySet<string> = new Set([...otherTargets.split(' '), ...targetOptions.keys()]);

/** Whether `-j` with this name means a target and not a chain, whatever chains there are. */
export function isTargetName(name: string): boolean {
  return verdicts.has(name) || extensionTargets.has(name);
}

function optionTable(table: Readonly<Record<string, Readonly<Record<string, number>>>>): Map<string, OptionCounts> {
  return new Map(Object.entries(table).map(([name, options]) => [name, new Map(Object.entries(options))]));
}
