import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../../../../src/core/model/address.ts';
import { checkRuleset } from '../../../../src/core/nftables/check/check.ts';
import type {
  Element,
  ElementGroup,
  NamedSet,
  NftablesChain,
  NftablesRule,
  NftablesRuleset,
} from '../../../../src/core/nftables/ruleset.ts';

const a = '10.0.0.1' as IpAddress;
const b = '10.0.0.2' as IpAddress;

const hook = { type: 'filter', hook: 'input', priority: 0 } as const;

function verify({
  sets = [],
  rules = [],
  chains = [],
}: Partial<NftablesRuleset> & { readonly rules?: readonly NftablesRule[] }) {
  return checkRuleset({ family: 'IPv4', sets, chains: [{ name: 'base', hook, rules }, ...chains] });
}

function setOf(set: Partial<NamedSet>, ...groups: readonly (readonly Element[])[]): NamedSet {
  return {
    name: 'x',
    key: ['address'],
    ...set,
    groups: [groups.map((elements, i) => ({ owner: `o${i}`, elements }))],
  };
}

function jump(chain: string): NftablesRule {
  return { matches: [], statements: [{ kind: 'jump', chain }] };
}

function chain(name: string, ...rules: readonly NftablesRule[]): NftablesChain {
  return { name, rules };
}

describe('sets', () => {
  const slot = (n: number): Element => ({ key: [a, n] });

  it.each<[string, NamedSet, RegExp | undefined]>([
    ['two groups', setOf({}, [{ key: [a] }], [{ key: [b] }]), undefined],
    ['a key twice in a group', setOf({}, [{ key: [a] }, { key: [a] }]), /"o0" has a key twice/],
    ['a key in two groups', setOf({}, [{ key: [a] }], [{ key: [a] }]), /"o0" and "o1" both have 10.0.0.1/],
    ['slots', setOf({ key: ['address', 'slot'] }, [slot(1), slot(0)]), undefined],
    ['a hole', setOf({ key: ['address', 'slot'] }, [slot(0), slot(2)]), /slot 1 of 2 is missing/],
    ['slots of one frontend in two groups', setOf({ key: ['address', 'slot'] }, [slot(0)], [slot(1)]), /both have/],
    ['slots that are not last', setOf({ key: ['slot', 'address'] }), /not last/],
    ['an address of the other family', setOf({}, [{ key: ['fd00::1' as IpAddress] }]), /no address of IPv4/],
    ['a key too short', setOf({ key: ['address', 'port'] }, [{ key: [a] }]), /1 parts, not 2/],
    ['a block', setOf({}, [{ key: ['10.0.0.0/8' as IpAddress] }]), /10.0.0.0\/8 is no address/],
    ['port 0', setOf({ key: ['port'] }, [{ key: [0] }]), /no port/],
    ['a value too many', setOf({}, [{ key: [a], value: { kind: 'drop' } }]), /value/],
    [
      'a destination of the other family',
      setOf({ value: 'destination', protocol: 'TCP' }, [
        { key: [a], value: { kind: 'destination', address: 'fd00::1' as IpAddress, port: 80 } },
      ]),
      /none of IPv4/,
    ],
    [
      'a chain that is not there',
      setOf({ value: 'verdict' }, [{ key: [a], value: { kind: 'goto', chain: 'c' } }]),
      /no chain c/,
    ],
    ['a base chain', setOf({ value: 'verdict' }, [{ key: [a], value: { kind: 'jump', chain: 'base' } }]), /hook, base/],
    ['a name in capitals', setOf({ name: 'X' }), /not a name/],
    ['a long name', setOf({ name: 'x'.repeat(129) }), /not a name/],
    ['clients', setOf({ timeoutSeconds: 3 }), undefined],
    ['clients given', setOf({ timeoutSeconds: 3 }, [{ key: [a] }]), /forgotten/],
    ['a timeout of 0', setOf({ timeoutSeconds: 0 }), /not a timeout/],
  ])('with %s', (_, set, problem) => {
    const found = verify({ sets: [set] });
    if (problem === undefined) expect(found).toStrictEqual([]);
    else expect(found.join('\n')).toMatch(problem);
  });

  it.each<[readonly string[], boolean]>([
    [['10.0.0.0/8', '10.1.0.0/16'], true],
    [['10.0.0.0/24', '10.0.1.0/24'], false],
    [['10.0.0.1', '10.0.0.1/32'], true],
    [['10.0.0.1/32', '10.0.0.0/32'], false],
    [['0.0.0.0/0', '10.0.0.0/8', '11.0.0.0/8'], true],
    [['10.0.0.0/16', '9.0.0.0/8', '10.0.128.0/17'], true],
  ])('with the blocks %s', (blocks, overlap) => {
    const elements = blocks.map((block): Element => ({ key: [a, block as IpAddress] }));
    const set = setOf({ key: ['address', 'address'], isInterval: true }, ...elements.map((element) => [element]));
    expect(verify({ sets: [set] }).join()).toMatch(overlap ? /overlap/ : /^$/);
    const apart = blocks.map((block, i): Element => ({ key: [i % 2 === 0 ? a : b, block as IpAddress] }));
    if (blocks.length === 2) {
      expect(verify({ sets: [{ ...set, groups: [[{ owner: '', elements: apart }]] }] })).toStrictEqual([]);
    }
  });

  it('have unique names', () => {
    expect(verify({ sets: [setOf({}), setOf({})] })).toStrictEqual(['set x comes twice']);
  });

  it('are checked again after each change', () => {
    const [first, second] = [setOf({}, [{ key: [a] }]), setOf({}, [{ key: [b] }])].map(({ groups }) => groups[0]?.[0]);
    const clash = { owner: 'clash', elements: [{ key: [a] }] };
    if (first === undefined || second === undefined) expect.fail('no groups');
    const problemsOf = (groups: readonly ElementGroup[]) =>
      verify({ sets: [{ ...setOf({ name: 'changing' }), groups: groups.map((group) => [group]) }] });
    expect(problemsOf([first, second])).toStrictEqual([]);
    expect(problemsOf([first, clash, second])).toHaveLength(1);
    expect(problemsOf([first, clash, second])).toHaveLength(1);
    expect(problemsOf([clash, second])).toStrictEqual([]);
    expect(problemsOf([clash, second, first])).toHaveLength(1);
    expect(problemsOf([second, first])).toStrictEqual([]);
    expect(problemsOf([first, first])).toHaveLength(1);
    expect(problemsOf([first, second])).toStrictEqual([]);
    expect(problemsOf([second, second, first])).toHaveLength(1);
    expect(problemsOf([])).toStrictEqual([]);
    expect(problemsOf([clash])).toStrictEqual([]);
  });
});

describe('chains', () => {
  it('must exist, be reachable and not form a cycle', () => {
    expect(verify({ rules: [jump('c')] })).toStrictEqual(['chain base: no chain c']);
    expect(verify({ chains: [chain('c')] })).toStrictEqual(['chain c: nothing leads to this chain']);
    expect(verify({ rules: [jump('c')], chains: [chain('c', jump('d')), chain('d', jump('c'))] })).toStrictEqual([
      'c -> d -> c: chains that call each other',
    ]);
    expect(verify({ rules: [jump('c')], chains: [chain('c'), chain('c')] })).toContain('chain c comes twice');
    expect(verify({ rules: [jump('c')], chains: [chain('c', jump('base'))] }).join()).toMatch(/hook, base/);
  });

  it('may call each other by a map', () => {
    const sets = [setOf({ value: 'verdict' }, [{ key: [a], value: { kind: 'goto', chain: 'c' } }])];
    const ask: NftablesRule = { matches: [], statements: [{ kind: 'verdictMap', key: ['saddr'], map: 'x' }] };
    expect(verify({ sets, rules: [ask], chains: [chain('c')] })).toStrictEqual([]);
    expect(verify({ sets, rules: [ask], chains: [chain('c', ask)] })).toStrictEqual([
      'c -> c: chains that call each other',
    ]);
  });

  it.each<[string, NftablesRule, RegExp | undefined]>([
    ['a set', { matches: [{ kind: 'in', key: ['saddr'], set: 'x' }], statements: [] }, undefined],
    ['no such set', { matches: [{ kind: 'in', key: ['saddr'], set: 'y' }], statements: [] }, /no set y/],
    ['another key', { matches: [{ kind: 'in', key: ['dport'], set: 'x' }], statements: [] }, /another type/],
    [
      'a set as a map',
      { matches: [], statements: [{ kind: 'verdictMap', key: ['saddr'], map: 'x' }] },
      /not the values/,
    ],
    ['a set to write to', { matches: [], statements: [{ kind: 'remember', set: 'x' }] }, /not for elements/],
    ['nothing', { matches: [], statements: [] }, /neither/],
    [
      'what never happens',
      { matches: [], statements: [{ kind: 'drop' }, { kind: 'accept' }] },
      /nothing may follow drop/,
    ],
    ['no protocol', { matches: [], statements: [{ kind: 'dnat', address: a, port: 80 }] }, /which protocols/],
    [
      'a protocol that it is not',
      {
        matches: [{ kind: 'protocols', protocols: ['TCP'], negated: true }],
        statements: [{ kind: 'dnat', address: a, port: 80 }],
      },
      /which protocols/,
    ],
    [
      'a protocol',
      { matches: [{ kind: 'protocols', protocols: ['TCP'] }], statements: [{ kind: 'dnat', address: a, port: 80 }] },
      undefined,
    ],
    [
      'a block of IPv6',
      { matches: [{ kind: 'block', field: 'saddr', block: '::/0' as never }], statements: [] },
      /IPv4/,
    ],
    ['a bit', { matches: [{ kind: 'markBit', bit: -1 }], statements: [] }, /not a bit/],
    ['an interface', { matches: [{ kind: 'inputInterface', name: '' }], statements: [] }, /not an interface/],
    ['a slot', { matches: [{ kind: 'in', key: [{ random: 0 }], set: 'x' }], statements: [] }, /number of slots/],
  ])('with a rule of %s', (_, rule, problem) => {
    const found = verify({ sets: [setOf({})], rules: [rule] });
    if (problem === undefined) expect(found).toStrictEqual([]);
    else expect(found.join('\n')).toMatch(problem);
  });
});
