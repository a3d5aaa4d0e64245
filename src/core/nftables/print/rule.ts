/** Prints rules exactly as `nft list` of nft 1.0.6 (Debian 12) does. */
import { formatHostPort, type IpFamily } from '../../model/address.ts';
import type { Key, KeyField, NftablesMatch, NftablesRule, Statement } from '../ruleset.ts';
import {
  addressWords,
  checkAddress,
  checkBit,
  checkBlock,
  checkInterface,
  checkName,
  checkUint16,
  hexMark,
  isInteger,
  protocolWords,
  quoteComment,
} from '../words.ts';

/** A rule as in `add rule ip rulewright CHAIN …`. Throws an Error for a rule that could not be loaded: our bug. */
export function printRule(family: IpFamily, rule: NftablesRule): string {
  const implied = impliedMatch(rule);
  const context: Context = {
    address: addressWords[family],
    port: implied === undefined ? 'th dport' : `${printProtocols(implied)} dport`,
  };
  const words = [
    ...rule.matches.filter((match) => match !== implied).map((match) => printMatch(context, match)),
    ...rule.statements.map((statement) => printStatement(context, statement)),
  ];
  if (words.length === 0) throw new Error('a rule without matches and statements');
  if (rule.comment !== undefined) words.push(`comment ${quoteComment(rule.comment)}`);
  return words.join(' ');
}

/** The context that the words for a field depend on. */
interface Context {
  readonly address: 'ip' | 'ip6';
  readonly port: string;
}

type ProtocolsMatch = Extract<NftablesMatch, { kind: 'protocols' }>;

/** The match of one protocol, which nft omits because it writes `tcp dport` for the following ports. */
function impliedMatch({ matches, statements }: NftablesRule): ProtocolsMatch | undefined {
  const [only, ...others] = matches.filter((match) => match.kind === 'protocols');
  if (only?.protocols.length !== 1 || only.negated === true || others.length > 0) return undefined;
  const isAfter = [...matches.slice(matches.indexOf(only)), ...statements].some(asksForPort);
  const isBefore = matches.slice(0, matches.indexOf(only)).some(asksForPort);
  return isAfter && !isBefore ? only : undefined;
}

function asksForPort(part: NftablesMatch | Statement): boolean {
  return 'key' in part && part.key.includes('dport');
}

function printMatch(context: Context, match: NftablesMatch): string {
  switch (match.kind) {
    case 'in':
      return `${printKey(context, match.key)} ${not(match)}@${checkName(match.set)}`;
    case 'block':
      return `${printField(context, match.field)} ${not(match)}${checkBlock(match.block)}`;
    case 'protocols':
      return `meta l4proto ${not(match)}${printProtocols(match)}`;
    case 'local':
      return `fib ${match.field} type local`;
    case 'inputInterface':
      return `iifname ${not(match)}"${checkInterface(match.name)}"`;
    case 'ctState':
      return `ct state ${match.state}`;
    case 'destinationRewritten':
      return match.negated === true ? 'ct status ! dnat' : 'ct status dnat';
    case 'markBit':
      return `meta mark & ${hexBit(match.bit)} != ${hexMark(0)}`;
    default:
      return match satisfies never;
  }
}

function not({ negated }: { readonly negated?: true }): string {
  return negated === true ? '!= ' : '';
}

/** In the order of their numbers, and one alone without braces. */
function printProtocols({ protocols }: ProtocolsMatch): string {
  const words = (['TCP', 'UDP', 'SCTP'] as const).filter((protocol) => protocols.includes(protocol));
  if (words.length === 0) throw new Error('a match of no protocol');
  const text = words.map((protocol) => protocolWords[protocol]).join(', ');
  return words.length === 1 ? text : `{ ${text} }`;
}

function printStatement(context: Context, statement: Statement): string {
  switch (statement.kind) {
    case 'jump':
    case 'goto':
      return `${statement.kind} ${checkName(statement.chain)}`;
    case 'accept':
    case 'drop':
    case 'return':
    case 'reject':
      return statement.kind;
    case 'verdictMap':
      return `${printKey(context, statement.key)} vmap @${checkName(statement.map)}`;
    case 'chooseChain': {
      const { chains } = statement;
      const choices = chains.map((chain, i) => `${i} : goto ${checkName(chain)}`).join(', ');
      return `${printField(context, { random: chains.length })} vmap { ${choices} }`;
    }
    case 'dnatMap':
      return `dnat ${context.address} to ${printKey(context, statement.key)} map @${checkName(statement.map)}`;
    case 'dnat':
      checkAddress(statement.address);
      return `dnat to ${formatHostPort(statement.address, checkUint16(statement.port))}`;
    case 'masquerade':
      return 'masquerade fully-random';
    case 'setMarkBit':
      return `meta mark set meta mark | ${hexBit(statement.bit)}`;
    case 'clearMarkBit':
      return `meta mark set meta mark & ${hexMark(~(1 << checkBit(statement.bit)))}`;
    case 'remember':
      return `update @${checkName(statement.set)} { ${context.address} saddr }`;
    default:
      return statement satisfies never;
  }
}

function hexBit(bit: number): string {
  return hexMark(1 << checkBit(bit));
}

function printKey(context: Context, key: Key): string {
  if (key.length === 0) throw new Error('a key of no fields');
  return key.map((field) => printField(context, field)).join(' . ');
}

function printField(context: Context, field: KeyField): string {
  switch (field) {
    case 'saddr':
    case 'daddr':
      return `${context.address} ${field}`;
    case 'l4proto':
      return 'meta l4proto';
    case 'dport':
      return context.port;
    case 'originalDaddr':
      return `ct original ${context.address} daddr`;
    case 'originalDport':
      return 'ct original proto-dst';
    default: {
      const { random } = field;
      if (!isInteger(random, 1, 0x10000)) throw new Error(`not a number of slots: ${random}`);
      return `numgen random mod ${random}`;
    }
  }
}
