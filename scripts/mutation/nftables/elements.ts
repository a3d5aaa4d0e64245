/** Mutants of the elements of sets and maps. */
import type { Cidr, IpAddress } from '../../../src/core/model/address.ts';
import type { Protocol } from '../../../src/core/model/objects.ts';
import type {
  Element,
  ElementPart,
  ElementValue,
  NamedSet,
  NftablesRuleset,
} from '../../../src/core/nftables/ruleset.ts';
import type { Mutant, Operator } from '../mutant.ts';
import { nextAddress, nextBlock } from '../neighbours.ts';

export function elementMutants(ruleset: NftablesRuleset): readonly Mutant[] {
  return ruleset.sets.flatMap((set) => {
    const elements = set.groups.flat().flatMap((group) => group.elements);
    return elements.flatMap((element, index) => {
      const put = (operator: Operator, ...instead: readonly Element[]): Mutant => {
        const changed = { ...set, groups: [[{ owner: '', elements: elements.toSpliced(index, 1, ...instead) }]] };
        const sets = ruleset.sets.map((each) => (each === set ? changed : each));
        const change = [print(element), ...instead.map(print)].join('  =>  ');
        return {
          operator,
          place: `@${set.name}`,
          index,
          change,
          rules: { mode: 'nftables', ruleset: { ...ruleset, sets } },
        };
      };
      return [
        put('element deleted'),
        put('element doubled', element, element),
        ...swaps(set, elements, index).map((swapped) => swapMutant(ruleset, set, index, swapped)),
        ...alterElement(element, set, ruleset).map((altered) => put('element altered', altered)),
      ];
    });
  });
}

function print({ key, value }: Element): string {
  return value === undefined ? key.join(' . ') : `${key.join(' . ')} : ${Object.values(value).join(' ')}`;
}

/** All elements, with the values of two neighbours swapped; a set has no order. */
function swaps(set: NamedSet, elements: readonly Element[], index: number): readonly (readonly Element[])[] {
  const [here, next] = [elements[index], elements[index + 1]];
  if (set.value === undefined || here?.value === undefined || next?.value === undefined) return [];
  return [elements.toSpliced(index, 2, { ...here, value: next.value }, { ...next, value: here.value })];
}

function swapMutant(ruleset: NftablesRuleset, set: NamedSet, index: number, elements: readonly Element[]): Mutant {
  const changed = { ...set, groups: [[{ owner: '', elements }]] };
  const sets = ruleset.sets.map((each) => (each === set ? changed : each));
  const change = elements
    .slice(index, index + 2)
    .map(print)
    .join('  <->  ');
  return {
    operator: 'elements swapped',
    place: `@${set.name}`,
    index,
    change,
    rules: { mode: 'nftables', ruleset: { ...ruleset, sets } },
  };
}

const otherProtocol: Readonly<Record<Protocol, Protocol>> = { TCP: 'UDP', UDP: 'TCP', SCTP: 'TCP' };

function alterElement(element: Element, { key: types }: NamedSet, { chains }: NftablesRuleset): readonly Element[] {
  const keys = element.key.map(
    (part, i): Element => ({ ...element, key: element.key.with(i, otherPart(part, types[i])) }),
  );
  const values = element.value === undefined ? [] : otherValues(element.value, chains);
  return [...keys, ...values.map((value): Element => ({ ...element, value }))];
}

function otherPart(part: ElementPart, type: NamedSet['key'][number] | undefined): ElementPart {
  if (typeof part === 'number') return type === 'port' ? (part + 1) % 0x10000 : part + 1;
  if (part === 'TCP' || part === 'UDP' || part === 'SCTP') return otherProtocol[part as Protocol];
  return part.includes('/') ? nextBlock(part as Cidr) : nextAddress(part as IpAddress);
}

function otherValues(value: ElementValue, chains: NftablesRuleset['chains']): readonly ElementValue[] {
  switch (value.kind) {
    case 'drop':
      return [{ kind: 'goto', chain: 'refuse' }];
    case 'jump':
    case 'goto': {
      const names = chains.filter(({ hook }) => hook === undefined).map(({ name }) => name);
      const other = names[(names.indexOf(value.chain) + 1) % names.length] ?? value.chain;
      return [
        { kind: value.kind, chain: other },
        { kind: value.kind === 'jump' ? 'goto' : 'jump', chain: value.chain },
        { kind: 'drop' },
      ];
    }
    case 'destination':
      return [
        { ...value, address: nextAddress(value.address) },
        { ...value, port: (value.port + 1) % 0x10000 },
      ];
    default:
      return value satisfies never;
  }
}
