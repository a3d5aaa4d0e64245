import { describe, expect, it } from 'vitest';
import { narrowRule, parseRuleset } from '../../../../src/core/nftables/listing/narrow.ts';
import { printRule } from '../../../../src/core/nftables/print/rule.ts';
import { sameRuleset } from '../../../support/kernel-model/nftables/same.ts';

function parseTable(lines: readonly string[]) {
  return parseRuleset('IPv4', ['table ip rulewright { # handle 2', ...lines, '}', ''].join('\n'));
}

describe('output of `nft -a list`', () => {
  it('is read without handles, counters and sizes', () => {
    const { ruleset, problems } = parseTable([
      '\tmap services { # handle 5',
      '\t\ttype ipv4_addr . inet_proto . inet_service : verdict',
      '\t\tsize 65535',
      '\t\telements = { 10.96.0.1 . tcp . 80 counter packets 1 bytes 60 : goto x,',
      '\t\t\t     10.96.0.2 . 17 . 53 : drop }',
      '\t}',
      '',
      '\tchain base { # handle 1',
      '\t\ttype nat hook prerouting priority dstnat + 5; policy accept;',
      '\t\tcounter packets 12 bytes 99 jump x comment "a # handle 9" # handle 7',
      '\t}',
      '\tchain x { # handle 2',
      '\t}',
    ]);
    expect(problems).toStrictEqual([]);
    expect(ruleset).toStrictEqual({
      family: 'IPv4',
      sets: [
        {
          name: 'services',
          key: ['address', 'protocol', 'port'],
          value: 'verdict',
          groups: [
            [
              {
                owner: '',
                elements: [
                  { key: ['10.96.0.1', 'TCP', 80], value: { kind: 'goto', chain: 'x' } },
                  { key: ['10.96.0.2', 'UDP', 53], value: { kind: 'drop' } },
                ],
              },
            ],
          ],
        },
      ],
      chains: [
        {
          name: 'base',
          hook: { type: 'nat', hook: 'prerouting', priority: -95 },
          rules: [{ matches: [], statements: [{ kind: 'jump', chain: 'x' }], comment: 'a # handle 9' }],
        },
        { name: 'x', rules: [] },
      ],
    });
  });

  it('has learned clients, which are skipped', () => {
    const { ruleset, problems } = parseTable([
      '\tset clients {',
      '\t\ttype ipv4_addr',
      '\t\tsize 65535',
      '\t\tflags dynamic,timeout',
      '\t\ttimeout 3h30m',
      '\t\telements = { 10.0.0.1 expires 2h59m55s504ms, 10.0.0.2 timeout 5m expires 4m }',
      '\t}',
    ]);
    expect(problems).toStrictEqual([]);
    expect(ruleset.sets).toStrictEqual([{ name: 'clients', key: ['address'], timeoutSeconds: 12_600, groups: [] }]);
  });

  it('may have foreign parts, each a problem', () => {
    const { ruleset, problems } = parseTable([
      '\tset a {',
      '\t\ttype ether_addr',
      '\t}',
      '\tset b {',
      '\t\ttype ipv4_addr',
      '\t\tflags constant',
      '\t\telements = { 10.0.0.1, 10.0.0.1-10.0.0.9, fd00::1 }',
      '\t}',
      '\tset Upper {',
      '\t\ttype ipv4_addr',
      '\t}',
      '\tcounter c {',
      '\t\tpackets 0 bytes 0',
      '\t}',
      '\tchain x {',
      '\t\ttype route hook output priority mangle; policy accept;',
      '\t\ttcp flags syn drop',
      '\t\tdrop',
      '\t}',
    ]);
    expect(problems.map(({ line, problem }) => `${line} ${problem}`)).toStrictEqual([
      '3 not understood: ether_addr',
      '4 set a has no type',
      '7 not a flag we use: constant',
      '8 not elements of this set: 10.0.0.1-10.0.0.9, fd00::1',
      '10 not a set, map or chain of ours: set Upper {',
      '13 not a set, map or chain of ours: counter c {',
      '17 not understood: type route hook output priority mangle; policy accept;',
      '18 not understood: tcp flags syn drop',
    ]);
    expect(ruleset.chains).toStrictEqual([{ name: 'x', rules: [{ matches: [], statements: [{ kind: 'drop' }] }] }]);
    expect(ruleset.sets.map(({ name }) => name)).toStrictEqual(['b']);
  });

  it('may have equivalent or stricter forms, which are problems too', () => {
    const { ruleset, problems } = parseTable([
      '\tcomment "of others"',
      '\tset a {',
      '\t\ttype ipv4_addr',
      '\t\telements = { 10.0.0.1 comment "a, b", 10.0.0.2, 10.0.0.0/8 }',
      '\t}',
      '\tmap b {',
      '\t\ttype inet_service : verdict',
      '\t\telements = { 1 : accept, 2 : goto Upper, 3 : goto x }',
      '\t}',
      '\tchain x {',
      '\t\ttype filter hook input priority filter; policy drop;',
      '\t\tcomment "of others"',
      '\t}',
    ]);
    expect(problems.map(({ line, problem }) => `${line} ${problem}`)).toStrictEqual([
      '2 not a set, map or chain of ours: comment "of others"',
      '5 not elements of this set: 10.0.0.1 comment "a, b", 10.0.0.0/8',
      '9 not elements of this set: 1 : accept, 2 : goto Upper',
      '12 not understood: type filter hook input priority filter; policy drop;',
      '13 nothing but a comment',
    ]);
    expect(ruleset.chains).toStrictEqual([{ name: 'x', rules: [] }]);
    expect(ruleset.sets.map(({ groups }) => groups.flat().flatMap(({ elements }) => elements))).toStrictEqual([
      [{ key: ['10.0.0.2'] }],
      [{ key: [3], value: { kind: 'goto', chain: 'x' } }],
    ]);
  });

  it('is read for our table only', () => {
    const text = 'table ip6 rulewright {\n\tchain x {\n\t}\n}\ntable ip rulewright {\n\tchain y {\n\t}\n';
    const { ruleset, problems } = parseRuleset('IPv4', text);
    expect(ruleset.chains).toStrictEqual([{ name: 'y', rules: [] }]);
    expect(problems.map(({ problem }) => problem)).toStrictEqual([
      'not table ip rulewright',
      'table without its closing brace',
    ]);
  });
});

describe('a rule', () => {
  // What is written, and what nft says of it.
  it.each([
    ['meta l4proto tcp th dport @ports', 'tcp dport @ports'],
    [
      'ip saddr != 10.0.0.1 tcp dport != @ports tcp dport @more',
      'ip saddr != 10.0.0.1 tcp dport != @ports tcp dport @more',
    ],
    ['dnat ip to ip daddr . udp dport map @m', 'dnat ip to ip daddr . udp dport map @m'],
    ['meta l4proto { 132, 6 } drop', 'meta l4proto { tcp, sctp } drop'],
    ['meta mark != 0x00000000/1 drop', 'meta mark & 0x80000000 != 0x00000000 drop'],
    ['numgen random mod 2 vmap { 0 : goto a, 1 : goto a }', 'numgen random mod 2 vmap { 0 : goto a, 1 : goto a }'],
    ['ip saddr 10.1.2.3/8 counter accept', 'ip saddr 10.0.0.0/8 accept'],
  ])('%s', (written, printed) => {
    const rule = narrowRule('IPv4', written);
    expect(typeof rule === 'string' ? rule : printRule('IPv4', rule)).toBe(printed);
  });

  it.each([
    '',
    'comment "lonely"',
    'drop comment "a" accept',
    'drop comment a',
    'meta mark set meta mark | 0x00004000 ip saddr 10.0.0.1 drop',
    'meta mark set meta mark | 0x00006000',
    'numgen random mod 2 vmap { 0 : goto a }',
    'numgen random mod 2 vmap { 1 : goto a, 0 : goto b }',
    'numgen random mod 2 vmap { 0 : jump a, 1 : goto b }',
    'numgen random mod 0 vmap @m',
    'numgen inc mod 2 vmap @m',
    'ip6 saddr fd00::1 drop',
    'ip saddr fd00::1 drop',
    'ct state established,new drop',
    'ct status != dnat drop',
    'reject with tcp reset',
    'masquerade',
    'dnat to ip daddr map @m',
    'dnat to 10.0.0.1',
    'dnat to [10.0.0.1]:80',
    'iifname "a\\*" drop',
    'update @clients { ip daddr }',
    'jump',
    'th dport',
    'tcp dport 80 drop',
    'counter packets x bytes 0 drop',
    'ip protocol tcp drop',
    'ip saddr { 10.0.0.1 } drop',
    'fib daddr type != local drop',
    'ct state { new } drop',
    'meta mark 0x00000001 drop',
    'meta mark set 0x00000001',
    'masquerade random',
    'add @clients { ip saddr }',
    'jump Upper',
    'ip saddr @Upper drop',
    'dnat ip addr . port to ip daddr map @m',
  ])('that has no model is a problem: %s', (text) => {
    expect(typeof narrowRule('IPv4', text)).toBe('string');
  });

  it('of IPv6', () => {
    const text = 'meta l4proto tcp dnat to [fd00::1]:80';
    const rule = narrowRule('IPv6', text);
    expect(typeof rule === 'string' ? rule : printRule('IPv6', rule)).toBe(text);
    expect(typeof narrowRule('IPv6', 'meta l4proto tcp dnat to fd00::1:80')).toBe('string');
  });
});

describe('rulesets', () => {
  it('differ if the order of rules differs', () => {
    const table = (...rules: readonly string[]) => parseTable(['chain x {', ...rules, '}']).ruleset;
    expect(sameRuleset(table('drop', 'accept'), table('accept', 'drop'))).toBe(false);
    expect(sameRuleset(table('drop', 'accept'), table('drop', 'accept'))).toBe(true);
  });
});
