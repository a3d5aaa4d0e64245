import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../../../../src/core/model/address.ts';
import { printElements, printKeys } from '../../../../src/core/nftables/print/elements.ts';
import { printChainDeclaration, printRuleset, printSetDeclaration } from '../../../../src/core/nftables/print/print.ts';
import { printRule } from '../../../../src/core/nftables/print/rule.ts';
import type { NamedSet, NftablesMatch, NftablesRule, Statement } from '../../../../src/core/nftables/ruleset.ts';

const address = '10.0.0.1' as IpAddress;

const endpoints: NamedSet = {
  name: 'endpoints',
  key: ['address', 'port', 'slot'],
  value: 'destination',
  protocol: 'TCP',
  groups: [
    [
      {
        owner: 'ns/a',
        elements: [0, 1].map((slot) => ({
          key: ['10.96.0.1' as IpAddress, 80, slot],
          value: { kind: 'destination', address, port: 8080 },
        })),
      },
      { owner: 'ns/empty', elements: [] },
    ],
    [
      {
        owner: 'ns/b',
        elements: [{ key: ['10.96.0.2' as IpAddress, 9, 0], value: { kind: 'destination', address, port: 99 } }],
      },
    ],
  ],
};

const clients: NamedSet = { name: 'clients', key: ['address'], timeoutSeconds: 90_061, groups: [] };

describe('a ruleset', () => {
  it('replaces the table in one transaction, with sets before rules', () => {
    const text = printRuleset({
      family: 'IPv4',
      sets: [endpoints, clients],
      chains: [
        {
          name: 'nat-output',
          hook: { type: 'nat', hook: 'output', priority: -100 },
          rules: [{ matches: [], statements: [{ kind: 'jump', chain: 'x' }] }],
        },
        { name: 'x', rules: [] },
      ],
    });
    expect(text).toBe(
      [
        'add table ip rulewright',
        'delete table ip rulewright',
        'table ip rulewright {',
        '\tmap endpoints {',
        '\t\ttypeof ip daddr . th dport . numgen random mod 65536 : ip daddr . tcp dport',
        '\t\telements = { 10.96.0.1 . 80 . 0 : 10.0.0.1 . 8080, 10.96.0.1 . 80 . 1 : 10.0.0.1 . 8080,',
        '\t\t\t     10.96.0.2 . 9 . 0 : 10.0.0.1 . 99 }',
        '\t}',
        '',
        '\tset clients {',
        '\t\ttype ipv4_addr',
        '\t\tflags dynamic,timeout',
        '\t\ttimeout 1d1h1m1s',
        '\t}',
        '',
        '\tchain nat-output {',
        '\t\ttype nat hook output priority -100; policy accept;',
        '\t\tjump x',
        '\t}',
        '',
        '\tchain x {',
        '\t}',
        '}',
        '',
      ].join('\n'),
    );
  });
});

describe('parts for commands', () => {
  it('are sets and chains without contents', () => {
    expect(printSetDeclaration('IPv6', { name: 'services', key: ['address', 'port'], value: 'verdict' })).toBe(
      'add map ip6 rulewright services { type ipv6_addr . inet_service : verdict; }',
    );
    expect(printSetDeclaration('IPv4', clients)).toBe(
      'add set ip rulewright clients { type ipv4_addr; flags dynamic,timeout; timeout 1d1h1m1s; }',
    );
    expect(printSetDeclaration('IPv4', { name: 'blocks', key: ['address'], isInterval: true })).toBe(
      'add set ip rulewright blocks { type ipv4_addr; flags interval; }',
    );
    expect(printChainDeclaration('IPv4', { name: 'x' })).toBe('add chain ip rulewright x');
    expect(printChainDeclaration('IPv4', { name: 'x', hook: { type: 'filter', hook: 'input', priority: 0 } })).toBe(
      'add chain ip rulewright x { type filter hook input priority filter; policy accept; }',
    );
  });

  it('are elements, and keys without values', () => {
    const elements = endpoints.groups[1]?.[0]?.elements ?? [];
    expect(printElements(endpoints, elements)).toBe('10.96.0.2 . 9 . 0 : 10.0.0.1 . 99');
    expect(printKeys(endpoints, elements)).toBe('10.96.0.2 . 9 . 0');
  });
});

describe('a rule', () => {
  const print = (matches: readonly NftablesMatch[], statements: readonly Statement[] = []): string =>
    printRule('IPv4', { matches, statements });
  const tcp: NftablesMatch = { kind: 'protocols', protocols: ['TCP'] };

  it('writes the port of its only protocol as nft does', () => {
    const ports: NftablesMatch = { kind: 'in', key: ['dport'], set: 'ports' };
    expect(print([tcp, ports])).toBe('tcp dport @ports');
    expect(print([ports, tcp])).toBe('th dport @ports meta l4proto tcp');
    expect(print([{ ...tcp, negated: true }, ports])).toBe('meta l4proto != tcp th dport @ports');
    expect(print([{ kind: 'protocols', protocols: ['UDP', 'TCP'] }, ports])).toBe(
      'meta l4proto { tcp, udp } th dport @ports',
    );
    expect(print([tcp], [{ kind: 'dnat', address, port: 80 }])).toBe('meta l4proto tcp dnat to 10.0.0.1:80');
  });

  it('has a comment that ends where it should', () => {
    const rule: NftablesRule = { matches: [], statements: [{ kind: 'drop' }], comment: `a"b\n${'é'.repeat(200)}` };
    expect(printRule('IPv4', rule)).toBe(`drop comment "a'b?${'?'.repeat(124)}"`);
  });

  it('sets and clears the highest bit', () => {
    expect(print([], [{ kind: 'setMarkBit', bit: 31 }])).toBe('meta mark set meta mark | 0x80000000');
    expect(print([], [{ kind: 'clearMarkBit', bit: 31 }])).toBe('meta mark set meta mark & 0x7fffffff');
  });

  it.each<[string, readonly NftablesMatch[], readonly Statement[]]>([
    ['a set', [{ kind: 'in', key: ['saddr'], set: 'x } drop' }], []],
    ['a key', [{ kind: 'in', key: [], set: 'x' }], []],
    ['an interface', [{ kind: 'inputInterface', name: 'x" drop' }], []],
    ['a wildcard alone', [{ kind: 'inputInterface', name: '*' }], []],
    ['a block', [{ kind: 'block', field: 'saddr', block: '10.0.0.1 drop' as never }], []],
    ['a bit', [{ kind: 'markBit', bit: 32 }], []],
    ['an address', [], [{ kind: 'dnat', address: '10.0.0.1 drop' as never, port: 80 }]],
    ['a port', [], [{ kind: 'dnat', address, port: 65_536 }]],
    ['a chain', [], [{ kind: 'jump', chain: 'x;' }]],
    ['a choice', [], [{ kind: 'chooseChain', chains: [] }]],
    ['anything', [], []],
  ])('that lacks %s throws', (_, matches, statements) => {
    expect(() => print(matches, statements)).toThrow(/./);
  });
});

describe('an element', () => {
  const set: NamedSet = { name: 'x', key: ['address', 'port'], groups: [] };

  it.each<[string, NamedSet, Parameters<typeof printElements>[1][number]]>([
    ['a part missing', set, { key: [address] }],
    ['a block in a set without blocks', set, { key: ['10.0.0.0/8' as never, 80] }],
    ['parts in another order', set, { key: [80, address] }],
    ['a value too many', set, { key: [address, 80], value: { kind: 'drop' } }],
    ['a value missing', { ...set, value: 'verdict' }, { key: [address, 80] }],
    ['a port that is none', set, { key: [address, 1.5] }],
    ['a protocol that is none', { ...set, key: ['protocol'] }, { key: ['ICMP' as never] }],
  ])('with %s throws', (_, ofSet, element) => {
    expect(() => printElements(ofSet, [element])).toThrow(/./);
  });

  it('is an address if its block has a single address', () => {
    const blocks = { ...set, key: ['address'], isInterval: true } satisfies NamedSet;
    const keys = ['10.0.0.1/32', '10.0.0.0/31', 'fd00::/32', 'fd00::1/128'].map((key) => ({ key: [key as never] }));
    expect(printElements(blocks, keys)).toBe('10.0.0.1, 10.0.0.0/31, fd00::/32, fd00::1');
  });
});
