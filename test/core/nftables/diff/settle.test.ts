import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../../../../src/core/model/address.ts';
import { emptySettleMemory, settleSlots } from '../../../../src/core/nftables/diff/settle.ts';
import type { Element, ElementGroup, NftablesRuleset } from '../../../../src/core/nftables/ruleset.ts';
import { ip } from '../../../support/objects.ts';

/** One frontend of one owner, with an endpoint for each letter, in the order of their slots. */
function group(letters: string, frontend = '10.96.0.1', owner = 'web'): ElementGroup {
  const elements = [...letters].map(
    (letter, slot): Element => ({
      key: [ip(frontend), 80, slot],
      value: { kind: 'destination', address: endpointOf(letter), port: 8080 },
    }),
  );
  return { owner, elements };
}

function endpointOf(letter: string): IpAddress {
  return ip(`10.244.0.${letter.charCodeAt(0)}`);
}

function rulesetOf(...groups: readonly ElementGroup[]): NftablesRuleset {
  const key = ['address', 'port', 'slot'] as const;
  return {
    family: 'IPv4',
    sets: [{ name: 'endpoints', key, value: 'destination', protocol: 'TCP', groups: [groups] }],
    chains: [],
  };
}

function groupsOf(ruleset: NftablesRuleset): readonly ElementGroup[] {
  return ruleset.sets[0]?.groups.flat() ?? [];
}

/** The letters by slot after `wanted` was settled. */
function settled(last: string, wanted: string): string {
  const { elements } = groupsOf(settleSlots(rulesetOf(group(last)), rulesetOf(group(wanted))))[0] ?? group('');
  expect(elements.map(({ key }) => key[2])).toEqual([...elements.keys()]);
  return elements
    .map(({ value }) => [...`${last}${wanted}`].find((letter) => isAt(value, endpointOf(letter))) ?? '?')
    .join('');
}

function isAt(value: Element['value'], address: IpAddress): boolean {
  return value?.kind === 'destination' && value.address === address;
}

describe('settleSlots', () => {
  it.each([
    ['abcd', 'abcd', 'abcd', 'nothing changes'],
    ['abcd', 'bcd', 'dbc', 'the last slot moves into the hole'],
    ['abcd', 'abc', 'abc', 'the last endpoint goes'],
    ['dbca', 'abcd', 'dbca', 'the order of the compiler means nothing'],
    ['bcd', 'abcd', 'bcda', 'a new endpoint takes the new slot'],
    ['abcd', 'bcde', 'ebcd', 'a new endpoint takes the hole'],
    ['abcde', 'bd', 'db', 'holes are filled from slots that are no more'],
    ['ab', 'xyz', 'xyz', 'all are new'],
    ['abc', '', '', 'all are gone'],
    ['', 'abc', 'abc', 'there were none'],
  ])('from %s to %s gives %s: %s', (last, wanted, expected) => {
    expect(settled(last, wanted)).toBe(expected);
  });

  it('keeps the identity of groups that need no change, and of elements that keep their slot', () => {
    const [a, b] = [group('abc', '10.96.0.1', 'a'), group('abc', '10.96.0.2', 'b')];
    const after = group('bc', '10.96.0.2', 'b');
    const memory = emptySettleMemory();
    const first = settleSlots(rulesetOf(a, b), rulesetOf(a, after), memory);
    expect(groupsOf(first)[0]).toBe(a);
    expect(groupsOf(first)[1]?.elements[1]).toBe(b.elements[1]);
    const second = settleSlots(first, rulesetOf(a, after), memory);
    expect(groupsOf(second)[1]).toBe(groupsOf(first)[1]);
    const copied = settleSlots(first, rulesetOf(a, group('bc', '10.96.0.2', 'b')), memory);
    expect(groupsOf(copied)[1]).toBe(groupsOf(first)[1]);
  });

  it('settles each frontend of an owner separately', () => {
    const both = (letters: string): ElementGroup => ({
      owner: 'web',
      elements: [...group(letters).elements, ...group(letters, '10.96.0.2').elements],
    });
    const [found] = groupsOf(settleSlots(rulesetOf(both('abc')), rulesetOf(both('bc'))));
    const letters = (found?.elements ?? []).map(({ value }) =>
      value?.kind === 'destination' ? value.address : undefined,
    );
    expect(letters).toEqual(['c', 'b', 'c', 'b'].map(endpointOf));
  });

  it('returns the wanted ruleset unchanged without an earlier one, or without such a set', () => {
    const wanted = rulesetOf(group('ab'));
    expect(settleSlots(undefined, wanted)).toBe(wanted);
    expect(settleSlots({ ...wanted, sets: [] }, wanted)).toBe(wanted);
  });
});
