/** Short ways to write small nftables rulesets, and to say what becomes of a packet in them. */
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import type {
  Element,
  ElementType,
  NamedSet,
  NftablesChain,
  NftablesHook,
  NftablesMatch,
  NftablesRule,
  NftablesRuleset,
  Statement,
} from '../../../src/core/nftables/ruleset.ts';
import { formatDistribution } from '../../../src/core/trace/distribution.ts';
import { traceNftables } from '../../../src/core/trace/nftables/trace.ts';
import { ip } from '../objects.ts';
import { probeHosts } from './kernel/probe.ts';

export function rulesetOf(chains: readonly NftablesChain[], sets: readonly NamedSet[] = []): NftablesRuleset {
  return { family: 'IPv4', sets, chains };
}

/** A base chain `TYPE-HOOK` at the priority that the kernel's own tables have. */
export function base(
  type: NftablesHook['type'],
  hook: NftablesHook['hook'],
  rules: readonly NftablesRule[],
  over: Partial<NftablesHook> = {},
): NftablesChain {
  const translates = hook === 'prerouting' || hook === 'output' ? -100 : 100;
  return { name: `${type}-${hook}`, hook: { type, hook, priority: type === 'nat' ? translates : 0, ...over }, rules };
}

export function chain(name: string, ...rules: readonly NftablesRule[]): NftablesChain {
  return { name, rules };
}

/** A rule for all packets. */
export function always(...statements: readonly Statement[]): NftablesRule {
  return { matches: [], statements };
}

export function when(matches: readonly NftablesMatch[], ...statements: readonly Statement[]): NftablesRule {
  return { matches, statements };
}

export const accept: Statement = { kind: 'accept' };
export const drop: Statement = { kind: 'drop' };
export const reject: Statement = { kind: 'reject' };
export const masquerade: Statement = { kind: 'masquerade' };

export function jump(name: string): Statement {
  return { kind: 'jump', chain: name };
}

export function goTo(name: string): Statement {
  return { kind: 'goto', chain: name };
}

/** The destination `ADDRESS:8080`. */
export function dnat(address: string, port = 8080): Extract<Statement, { kind: 'dnat' }> {
  return { kind: 'dnat', address: ip(address), port };
}

type SetOptions = Partial<Omit<NamedSet, 'name' | 'key'>> & { readonly elements?: readonly Element[] };

/** A set whose elements are all of one owner. */
export function setOf(name: string, key: readonly ElementType[], { elements, ...over }: SetOptions = {}): NamedSet {
  return { name, key, groups: elements === undefined ? [] : [[{ owner: 'node', elements }]], ...over };
}

/** The destination `ADDRESS:8080` as the value of an element. */
export function destination(address: string): NonNullable<Element['value']> {
  return { kind: 'destination', address: ip(address), port: 8080 };
}

export const block = constantCidr;

/** UDP from 203.0.113.9, from elsewhere, to 10.96.0.1:80. */
export function arriving(over: Partial<Packet> = {}): Packet {
  return { ...sent(), source: ip('203.0.113.9'), inputInterface: 'probe-in', ...over };
}

/** UDP from the node's first address to 10.96.0.1:80. */
export function sent(over: Partial<Packet> = {}): Packet {
  return { source: ip('192.0.2.1'), destination: ip('10.96.0.1'), protocol: 'UDP', port: 80, ...over };
}

/** What becomes of the packet on the node of the kernel tests, in the words of `formatDistribution`. */
export function fate(ruleset: NftablesRuleset, packet: Packet = arriving()): string {
  const { distribution, problems } = traceNftables(ruleset, packet, probeHosts.IPv4);
  if (problems.length > 0) throw new Error(`the trace met problems: ${JSON.stringify(problems)}`);
  return formatDistribution(distribution);
}
