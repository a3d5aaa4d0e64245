/** Facts about a group of elements alone: valid for the same value in a set of the same type. */
import type { IpFamily } from '../../model/address.ts';
import type { ElementGroup, ElementPart, ElementType, ElementValue, NamedSet } from '../ruleset.ts';
import { isInteger } from '../words.ts';

export interface GroupFacts {
  readonly owner: string;
  readonly problems: readonly string[];
  /** Keys that no other group of the set may have; if they end with a slot, the part before the slot. */
  readonly keys: readonly string[];
  /** The chains that the values lead to. */
  readonly chains: readonly string[];
}

/** All slots of a frontend are in one group, so a missing one can be found in the group alone. */
export function groupFacts(family: IpFamily, set: NamedSet, { owner, elements }: ElementGroup): GroupFacts {
  const problems: string[] = [];
  const chains = new Set<string>();
  /** By key without its slot: the slots that were seen. */
  const slots = new Map<string, Set<number>>();
  for (const { key, value } of elements) {
    const problem = keyProblem(family, set, key) ?? valueProblem(family, set, value);
    if (problem !== undefined) problems.push(`${JSON.stringify(owner)} ${key.join(' . ')}: ${problem}`);
    if (value?.kind === 'goto' || value?.kind === 'jump') chains.add(value.chain);
    addSlot(slots, key, set.key.at(-1) === 'slot');
  }
  const keys = [...slots.keys()];
  const isDuplicated = [...slots.values()].reduce((sum, { size }) => sum + size, 0) < elements.length;
  if (isDuplicated) problems.push(`${JSON.stringify(owner)} has a key twice`);
  for (const [key, seen] of slots) {
    for (let slot = 0; slot < seen.size; slot += 1) {
      if (!seen.has(slot)) problems.push(`${JSON.stringify(owner)} ${key}: slot ${slot} of ${seen.size} is missing`);
    }
  }
  return { owner, problems, keys, chains: [...chains] };
}

function addSlot(slots: Map<string, Set<number>>, key: readonly ElementPart[], hasSlot: boolean): void {
  const last = key.at(-1);
  const isSlot = hasSlot && typeof last === 'number';
  const text = (isSlot ? key.slice(0, -1) : key).join(' . ');
  const seen = slots.get(text);
  const slot = isSlot ? last : 0;
  if (seen === undefined) slots.set(text, new Set([slot]));
  else seen.add(slot);
}

function keyProblem(family: IpFamily, set: NamedSet, key: readonly ElementPart[]): string | undefined {
  if (key.length !== set.key.length) return `a key of ${key.length} parts, not ${set.key.length}`;
  for (let i = 0; i < key.length; i += 1) {
    const [type, part] = [set.key[i], key[i]];
    const mayBeBlock = set.isInterval === true && i === key.length - 1;
    if (type !== undefined && part !== undefined && !isOfType(family, type, part, mayBeBlock)) {
      return `${part} is no ${type} of ${family}`;
    }
  }
  return undefined;
}

/** Blocks are allowed only at the end of a key: elsewhere, every pair would have to be compared for overlaps. */
function isOfType(family: IpFamily, type: ElementType, part: ElementPart, mayBeBlock: boolean): boolean {
  switch (type) {
    case 'address':
      return typeof part === 'string' && isOfFamily(family, part) && (mayBeBlock || !part.includes('/'));
    case 'protocol':
      return part === 'TCP' || part === 'UDP' || part === 'SCTP';
    case 'port':
      return typeof part === 'number' && isInteger(part, 1, 0xffff);
    case 'slot':
      return typeof part === 'number' && isInteger(part, 0, 0xffff);
    default:
      return type satisfies never;
  }
}

function isOfFamily(family: IpFamily, text: string): boolean {
  return text.includes(':') === (family === 'IPv6') && /^[0-9a-f.:]+(?:\/[0-9]{1,3})?$/.test(text);
}

function valueProblem(family: IpFamily, set: NamedSet, value: ElementValue | undefined): string | undefined {
  const kind = value === undefined ? undefined : value.kind === 'destination' ? 'destination' : 'verdict';
  if (kind !== set.value) return `a value that the set does not have`;
  if (value?.kind !== 'destination') return undefined;
  const isSound = isOfFamily(family, value.address) && isInteger(value.port, 1, 0xffff);
  return isSound ? undefined : `a destination that is none of ${family}: ${value.address} . ${value.port}`;
}
