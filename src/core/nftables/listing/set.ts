/** Parses the block of a set or map: its declaration, and the line of its elements for elements.ts. */
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import type { ParseProblem } from '../../model/parsed-ruleset.ts';
import type { ElementType, NamedSet } from '../ruleset.ts';
import type { TextBlock, TextLine } from './blocks.ts';
import { readNumber, readSeconds } from './values.ts';

/** A set or map without its elements. */
export interface ReadSet {
  /** The key is empty if a type is missing or unsupported. */
  readonly declaration: Omit<NamedSet, 'groups'>;
  /** The error in the declaration; its elements then have no meaning. */
  readonly problem: string | undefined;
  /** The text between the braces. */
  readonly elements: TextLine | undefined;
  /** Unsupported lines, or lines that our sets never contain. */
  readonly lineProblems: readonly SetLineProblem[];
}

interface SetLineProblem extends ParseProblem {
  /** The line does not affect packets. */
  readonly isSilent: boolean;
}

const silent =
  /^(?:comment|size|gc-interval|policy|counter|auto-merge)\b|^flags (?:(?:constant|dynamic|interval|timeout)[ ,]*)+$/;

const elementsStart = 'elements = {';

/** Reads a block of kind `set` or `map`. Never throws. */
export function readSet(family: IpFamily, { kind, name, lines }: TextBlock): ReadSet {
  const open: OpenSet = { name, key: [] };
  const lineProblems: SetLineProblem[] = [];
  let elements: TextLine | undefined;
  for (const { line, text } of lines) {
    const isElements = text.startsWith(elementsStart) && text.endsWith('}');
    if (isElements) elements = { line, text: text.slice(elementsStart.length, -1) };
    const problem = isElements ? undefined : takeSetLine(open, family, text);
    if (problem !== undefined) lineProblems.push({ line, text, problem, isSilent: silent.test(text) });
  }
  return { declaration: open, problem: problemOf(open, kind === 'map'), elements, lineProblems };
}

function problemOf({ name, key, value }: OpenSet, isMap: boolean): string | undefined {
  if (key.length === 0) return `set ${name} has no type`;
  if (isMap === (value !== undefined)) return undefined;
  return `${name} is a ${isMap ? 'map without' : 'set with'} values`;
}

/** A set being read. */
type OpenSet = { -readonly [Field in keyof ReadSet['declaration']]: ReadSet['declaration'][Field] };

/** Takes a line of a set's block, except its elements; returns the error, or undefined. */
function takeSetLine(set: OpenSet, family: IpFamily, line: string): string | undefined {
  const [word = '', ...rest] = line.split(/\s+/);
  const text = rest.join(' ');
  switch (word) {
    case 'type':
      return takeTypes(set, family, text, (name) => typeNames.get(name));
    case 'typeof':
      return takeTypes(set, family, text, readExample);
    case 'flags':
      return takeFlags(set, text);
    case 'timeout': {
      const seconds = readSeconds(text);
      if (seconds !== undefined) set.timeoutSeconds = seconds;
      return seconds === undefined ? `not a time: ${text}` : undefined;
    }
    case 'size':
      // The kernel adds it to sets that rules write to.
      return readNumber(text, 0xffffffff) === undefined ? `not a size: ${text}` : undefined;
    default:
      return `not understood: ${line}`;
  }
}

const typeNames: ReadonlyMap<string, readonly [ElementType, IpFamily?]> = new Map([
  ['ipv4_addr', ['address', 'IPv4']],
  ['ipv6_addr', ['address', 'IPv6']],
  ['inet_proto', ['protocol']],
  ['inet_service', ['port']],
]);

function readExample(text: string): readonly [ElementType, IpFamily?] | undefined {
  if (/^ip [sd]addr$/.test(text)) return ['address', 'IPv4'];
  if (/^ip6 [sd]addr$/.test(text)) return ['address', 'IPv6'];
  if (text === 'meta l4proto') return ['protocol'];
  if (text === 'th dport') return ['port'];
  return text === 'numgen random mod 65536' ? ['slot'] : undefined;
}

function takeTypes(
  set: OpenSet,
  family: IpFamily,
  text: string,
  read: (text: string) => readonly [ElementType, IpFamily?] | undefined,
): string | undefined {
  const [keyText = '', valueText, ...rest] = text.split(' : ');
  const words = keyText.split(' . ');
  const key = words.flatMap((word) => {
    const [type, ofFamily = family] = read(word) ?? [];
    return type !== undefined && ofFamily === family ? [type] : [];
  });
  if (key.length !== words.length || rest.length > 0) return `not understood: ${text}`;
  set.key = key;
  return valueText === undefined ? undefined : takeValue(set, family, valueText);
}

const ports: ReadonlyMap<string, Protocol> = new Map([
  ['tcp dport', 'TCP'],
  ['udp dport', 'UDP'],
  ['sctp dport', 'SCTP'],
]);

/** `verdict`, or `ip daddr . tcp dport`. */
function takeValue(set: OpenSet, family: IpFamily, text: string): string | undefined {
  if (text === 'verdict') {
    set.value = 'verdict';
    return undefined;
  }
  const [addressText = '', portText = '', ...rest] = text.split(' . ');
  const [address, ofFamily] = readExample(addressText) ?? [];
  const protocol = ports.get(portText);
  if (address !== 'address' || ofFamily !== family || protocol === undefined || rest.length > 0) {
    return `not understood: ${text}`;
  }
  set.value = 'destination';
  set.protocol = protocol;
  return undefined;
}

/** `dynamic` and `timeout` follow from other lines; we use no other flags. */
function takeFlags(set: OpenSet, text: string): string | undefined {
  const flags = text.split(/[ ,]+/);
  if (flags.includes('interval')) set.isInterval = true;
  const unknown = flags.find((flag) => !['interval', 'dynamic', 'timeout'].includes(flag));
  return unknown === undefined ? undefined : `not a flag we use: ${unknown}`;
}
