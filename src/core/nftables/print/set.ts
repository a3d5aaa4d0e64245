/** Prints the declaration of a set or map, without its name and elements. */
import type { IpFamily } from '../../model/address.ts';
import type { ElementType, NamedSet } from '../ruleset.ts';
import { addressWords, isInteger, maxTimeoutSeconds, protocolWords } from '../words.ts';

/**
 * The lines of a set's block, without `elements`, as `nft list` prints them, with one exception. For a set that
 * remembers clients it shows `size 65535`, which the kernel sets when a rule first writes to it. If we wrote that size,
 * the kernel would allocate the whole hash table, 2 MB for each set (Linux 6.18); one that grows takes 7 kB. A client
 * that does not fit is not remembered, and its next connection goes to any endpoint.
 */
export function printSetLines(family: IpFamily, set: Omit<NamedSet, 'groups'>): string[] {
  const lines = [printTypes(family, set)];
  if (set.timeoutSeconds !== undefined) {
    lines.push('flags dynamic,timeout', `timeout ${printSeconds(set.timeoutSeconds)}`);
  } else if (set.isInterval === true) {
    lines.push('flags interval');
  }
  return lines;
}

/**
 * nft has no type name for a slot (a number of 32 bits) or for the port of one protocol. If the key or value has one,
 * all types are declared by example. 65536 is more slots than any frontend has.
 */
function printTypes(family: IpFamily, set: Omit<NamedSet, 'groups'>): string {
  const { name, key, value, protocol } = set;
  if (key.length === 0) throw new Error(`set ${name} has a key of no parts`);
  const byExample = key.includes('slot') || value === 'destination';
  const words = byExample ? examples(family) : typeNames(family);
  const of = byExample ? 'typeof' : 'type';
  const keyText = key.map((type) => words[type]).join(' . ');
  if (value === undefined) return `${of} ${keyText}`;
  if (value === 'verdict') return `${of} ${keyText} : verdict`;
  if (protocol === undefined) throw new Error(`map ${name} does not say of which ports`);
  return `${of} ${keyText} : ${words.address} . ${protocolWords[protocol]} dport`;
}

function typeNames(family: IpFamily): Readonly<Record<ElementType, string>> {
  const address = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr';
  return { address, protocol: 'inet_proto', port: 'inet_service', slot: '' };
}

function examples(family: IpFamily): Readonly<Record<ElementType, string>> {
  const address = `${addressWords[family]} daddr`;
  return { address, protocol: 'meta l4proto', port: 'th dport', slot: 'numgen random mod 65536' };
}

/** `3h`, `1d30m`: the largest units first, none that is zero. */
function printSeconds(seconds: number): string {
  if (!isInteger(seconds, 1, maxTimeoutSeconds)) throw new Error(`not a timeout: ${seconds}`);
  const units = [
    ['d', Math.floor(seconds / 86400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['m', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ] as const;
  return units.map(([unit, count]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}
