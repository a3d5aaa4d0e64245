/** What a set or map holds, to values: all but its elements. */
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import type { Element, ElementType, NamedSet } from '../ruleset.ts';
import { readNumber, readSeconds } from './values.ts';

/** A set being read. */
export interface OpenSet {
  readonly name: string;
  readonly isMap: boolean;
  key?: readonly ElementType[];
  value?: NonNullable<NamedSet['value']>;
  protocol?: Protocol;
  isInterval?: true;
  isDynamic?: true;
  timeoutSeconds?: number;
  readonly elements: Element[];
}

/** Takes a line of a set's block, all but its elements; what is wrong, or undefined. */
export function takeSetLine(set: OpenSet, family: IpFamily, line: string): string | undefined {
  const [word = '', ...rest] = line.split(/\s+/);
  const text = rest.join(' ');
  switch (word) {
    case 'type':
      return takeTypes(set, family, text, (name) => typeNames.get(name));
    case 'typeof':
      return takeTypes(set, family, text, readExample);
    case 'flags':
      return takeFlags(set, text);
    case 'timeout':
      return takeTimeout(set, text);
    case 'size':
      // Set by the kernel for sets that rules write to.
      return readNumber(text, 0xffffffff) === undefined ? `not a size: ${text}` : undefined;
    default:
      return `not understood: ${line}`;
  }
}

/** The set, or what is wrong with it. */
export function finishSet({
  name,
  isMap,
  key,
  value,
  protocol,
  isInterval,
  timeoutSeconds,
  elements,
}: OpenSet): NamedSet | string {
  if (key === undefined) return `set ${name} has no type`;
  if (isMap !== (value !== undefined)) return `${name} is a ${isMap ? 'map without' : 'set with'} values`;
  return {
    name,
    key,
    ...(value === undefined ? {} : { value }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(isInterval === undefined ? {} : { isInterval }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    groups: elements.length === 0 ? [] : [[{ owner: '', elements }]],
  };
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
  const readAll = (types: string): readonly (ElementType | undefined)[] =>
    types.split(' . ').map((type) => {
      const [found, ofFamily = family] = read(type) ?? [];
      return ofFamily === family ? found : undefined;
    });
  const key = readAll(keyText).filter((type) => type !== undefined);
  if (key.length !== keyText.split(' . ').length || rest.length > 0) return `not understood: ${text}`;
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

function takeFlags(set: OpenSet, text: string): string | undefined {
  for (const flag of text.split(/[ ,]+/)) {
    if (flag === 'interval') set.isInterval = true;
    else if (flag === 'dynamic') set.isDynamic = true;
    else if (flag !== 'timeout') return `not a flag we use: ${flag}`;
  }
  return undefined;
}

function takeTimeout(set: OpenSet, text: string): string | undefined {
  const seconds = readSeconds(text);
  if (seconds === undefined) return `not a time: ${text}`;
  set.timeoutSeconds = seconds;
  return undefined;
}
