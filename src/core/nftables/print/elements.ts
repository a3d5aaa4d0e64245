/** Prints elements of sets and maps. There may be hundreds of thousands: each group is printed once. */
import type { Protocol } from '../../model/objects.ts';
import { memoizeFor } from '../../structures/memoize.ts';
import type { Element, ElementGroup, ElementPart, ElementType, ElementValue, NamedSet } from '../ruleset.ts';
import { checkAddress, checkBlock, checkName, checkUint16, protocolWords } from '../words.ts';

/** The format of the elements of a set. */
interface ElementsType {
  readonly key: NamedSet['key'];
  readonly value?: NamedSet['value'] | undefined;
  readonly isInterval?: NamedSet['isInterval'] | undefined;
}

/** All elements of a set as in `elements = { … }`, one line for each group; empty if it has none. */
export function printGroups({ key, value, isInterval, groups }: NamedSet): string {
  const lineOf = printGroup({ key, value, isInterval });
  let text = '';
  for (const group of groups.flat()) {
    if (group.elements.length === 0) continue;
    const line = lineOf(group);
    text += text === '' ? line : `,\n\t\t\t     ${line}`;
  }
  return text;
}

const printGroup = memoizeFor(
  ({ key, value, isInterval }: ElementsType) => `${key.join()} ${value} ${isInterval}`,
  (set, { elements }: ElementGroup) => printElements(set, elements),
);

/** `10.96.0.1 . tcp . 80 : goto pick-3, …`, as in `add element ip rulewright services { … }`. */
export function printElements(set: ElementsType, elements: readonly Element[]): string {
  let text = '';
  for (const element of elements) text += `${text === '' ? '' : ', '}${printElement(set, element)}`;
  return text;
}

/** Only the keys, as in `delete element ip rulewright services { … }`. */
export function printKeys(
  set: Pick<ElementsType, 'key' | 'isInterval'>,
  elements: readonly Pick<Element, 'key'>[],
): string {
  return elements.map(({ key }) => printKey(set, key)).join(', ');
}

function printElement(set: ElementsType, { key, value }: Element): string {
  const text = printKey(set, key);
  const valueKind = value === undefined ? undefined : value.kind === 'destination' ? 'destination' : 'verdict';
  if (valueKind !== set.value) throw new Error(`a value of kind ${valueKind} in a set for ${set.value}: ${text}`);
  return value === undefined ? text : `${text} : ${printValue(value)}`;
}

function printKey(set: Pick<ElementsType, 'key' | 'isInterval'>, key: readonly ElementPart[]): string {
  if (key.length !== set.key.length) throw new Error(`a key of ${key.length} parts in a set of ${set.key.length}`);
  let text = '';
  for (let i = 0; i < key.length; i += 1) {
    const type = set.key[i];
    const part = key[i];
    if (type === undefined || part === undefined) continue;
    text += `${i === 0 ? '' : ' . '}${printPart(type, part, set.isInterval === true)}`;
  }
  return text;
}

function printPart(type: ElementType, part: ElementPart, isInterval: boolean): string | number {
  switch (type) {
    case 'address':
      if (typeof part === 'number') break;
      return isInterval && part.includes('/') ? checkBlock(part) : checkAddress(part);
    case 'protocol':
      if (part !== 'TCP' && part !== 'UDP' && part !== 'SCTP') break;
      return protocolWords[part as Protocol];
    case 'port':
    case 'slot':
      if (typeof part !== 'number') break;
      return checkUint16(part);
    default:
      return type satisfies never;
  }
  throw new Error(`not of type ${type}: ${JSON.stringify(part)}`);
}

function printValue(value: ElementValue): string {
  switch (value.kind) {
    case 'jump':
    case 'goto':
      return `${value.kind} ${checkName(value.chain)}`;
    case 'drop':
      return 'drop';
    case 'destination':
      return `${checkAddress(value.address)} . ${checkUint16(value.port)}`;
    default:
      return value satisfies never;
  }
}
