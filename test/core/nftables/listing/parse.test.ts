import { describe, expect, it } from 'vitest';
import { parseTables } from '../../../../src/core/nftables/listing/parse.ts';
import type { ForeignChain, ForeignRuleset, ForeignSet } from '../../../../src/core/nftables/listing/ruleset.ts';

/** A listing of one table whose lines are these. */
function listing(lines: string, table = 'ip kube-proxy'): string {
  return `table ${table} { # handle 1\n${lines}\n}\n`;
}

function tableOf(lines: string): ForeignRuleset {
  const { tables, problems } = parseTables(listing(lines));
  expect([problems, tables.map((table) => table.problems)]).toEqual([[], [[]]]);
  const [table] = tables;
  if (table === undefined) throw new Error('no table');
  return table.ruleset;
}

function chainOf(...lines: readonly string[]): ForeignChain & { readonly sets: readonly ForeignSet[] } {
  const { chains, sets } = tableOf(`\tchain c {\n${lines.map((line) => `\t\t${line}`).join('\n')}\n\t}`);
  const [chain] = chains;
  if (chain === undefined) throw new Error('no chain');
  return { ...chain, sets };
}

function ruleOf(line: string) {
  const { rules, sets } = chainOf(line);
  const [rule] = rules;
  return { matches: rule?.matches, statements: rule?.statements, comment: rule?.comment, sets };
}

function setOf(lines: string): ForeignSet | undefined {
  return tableOf(lines).sets[0];
}

describe('tables', () => {
  it('are read in the families ip and ip6; other families are named', () => {
    const filter = listing('\tchain x {\n\t\taccept\n\t}', 'inet filter');
    const text = `${listing('')}${listing('', 'ip6 kube-proxy')}${filter}`;
    const { tables, others, problems } = parseTables(text);
    expect(tables.map(({ name, ruleset }) => `${ruleset.family} ${name}`)).toEqual([
      'IPv4 kube-proxy',
      'IPv6 kube-proxy',
    ]);
    expect([others, problems]).toEqual([['inet filter'], []]);
  });

  it('are read with their lines, whatever their comments', () => {
    const { chains } = tableOf(
      '\tcomment "rules { for } kube-proxy"\n\tchain c { # handle 2\n\t\tcomment "a }"\n\t\tdrop # handle 3\n\t}',
    );
    expect(chains).toEqual([{ name: 'c', rules: [{ matches: [], statements: [{ kind: 'drop' }], text: 'drop' }] }]);
  });

  it.each([
    ['lines outside', 'counter x\n', { line: 1, text: 'counter x' }],
    ['a table that never ends', 'table ip x {\n', { line: 1, text: 'table ip x {' }],
    ['a chain that never ends', 'table ip x {\nchain y {\n', { line: 2, text: 'chain y {' }],
  ])('%s are a problem', (_, text, problem) => {
    expect(parseTables(text).problems).toContainEqual(expect.objectContaining(problem));
  });

  it('report blocks other than sets, maps and chains, unless these do not affect packets', () => {
    const text = listing('\tcounter n {\n\t\tpackets 0 bytes 0\n\t}\n\n\tsecmark s {\n\t}');
    expect(parseTables(text).tables[0]?.problems).toEqual([
      { line: 6, text: 'secmark s', problem: 'no set, map or chain' },
    ]);
  });
});

describe('chains', () => {
  it.each([
    ['type nat hook output priority -100; policy accept;', { type: 'nat', hook: 'output', priority: -100 }],
    [
      'type filter hook prerouting priority dstnat - 10; policy accept;',
      { type: 'filter', hook: 'prerouting', priority: -110 },
    ],
    [
      'type filter hook input priority filter; policy drop;',
      { type: 'filter', hook: 'input', priority: 0, policy: 'drop' },
    ],
  ])('%s', (line, hook) => {
    expect(chainOf(line).hook).toEqual(hook);
  });

  it('of another type are a problem: packets may meet them unnoticed', () => {
    const text = listing('\tchain c {\n\t\ttype route hook output priority mangle; policy accept;\n\t}');
    expect(parseTables(text).tables[0]?.problems).toMatchObject([{ line: 3 }]);
  });
});

describe('sets', () => {
  it('have elements over many lines, with comments and counters', () => {
    const lines = [
      '\tmap no-endpoint-services {',
      '\t\ttype ipv4_addr . inet_proto . inet_service : verdict',
      '\t\tcomment "drop or reject"',
      '\t\tcounter',
      '\t\telements = { 10.96.0.1 . tcp . 80 counter packets 1 bytes 9 comment "a/b, : }" : goto reject-chain,',
      '\t\t\t     10.96.0.2 . udp . 53 comment "a/c" : drop }',
      '\t}',
    ];
    expect(setOf(lines.join('\n'))).toEqual({
      name: 'no-endpoint-services',
      key: ['address', 'protocol', 'port'],
      value: 'verdict',
      groups: [
        [
          {
            owner: '',
            elements: [
              { key: ['10.96.0.1', 'TCP', 80], value: { kind: 'goto', chain: 'reject-chain' } },
              { key: ['10.96.0.2', 'UDP', 53], value: { kind: 'drop' } },
            ],
          },
        ],
      ],
    });
  });

  it('keep elements learned from packets separate', () => {
    const set = setOf(
      [
        '\tset affinity-A-ns/s/tcp/p__10.0.0.1/80 {',
        '\t\ttype ipv4_addr',
        '\t\tsize 65535',
        '\t\tflags dynamic,timeout',
        '\t\ttimeout 3h',
        '\t\telements = { 10.1.0.9 timeout 3h expires 2h59m }',
        '\t}',
      ].join('\n'),
    );
    expect(set).toEqual({
      name: 'affinity-A-ns/s/tcp/p__10.0.0.1/80',
      key: ['address'],
      timeoutSeconds: 10_800,
      groups: [],
      learned: [{ key: ['10.1.0.9'] }],
    });
  });

  it.each([
    ['an element without a model', '\tset s {\n\t\ttype inet_service\n\t\telements = { 80, 1000-2000 }\n\t}', [[80]]],
    ['a type without a model', '\tset s {\n\t\ttype ifname\n\t\telements = { "eth0" }\n\t}', []],
    ['a flag without a model', '\tset s {\n\t\ttype inet_service\n\t\tflags quick\n\t\telements = { 80 }\n\t}', [[80]]],
  ])('are partial with %s', (_, lines, keys) => {
    const set = setOf(lines);
    expect(set?.isPartial).toBe(true);
    expect(set?.groups.flat().flatMap(({ elements }) => elements.map(({ key }) => key))).toEqual(keys);
  });
});

describe('rules', () => {
  it.each([
    ['ip saddr 10.0.0.0/8 accept', { kind: 'block', field: 'saddr', block: '10.0.0.0/8' }],
    ['ip daddr != 10.0.0.1 accept', { kind: 'block', field: 'daddr', block: '10.0.0.1/32', negated: true }],
    ['ip protocol tcp accept', { kind: 'protocols', protocols: ['TCP'] }],
    ['fib daddr type local accept', { kind: 'local', field: 'daddr' }],
    ['fib saddr type != local accept', { kind: 'local', field: 'saddr', negated: true }],
    ['iifname != "br0" accept', { kind: 'inputInterface', name: 'br0', negated: true }],
    [
      'ct original ip daddr . ct original proto-dst @s accept',
      { kind: 'in', key: ['originalDaddr', 'originalDport'], set: 's' },
    ],
    ['ct state new accept', { kind: 'ctState', state: 'new' }],
    ['ct state established,related accept', { kind: 'ctStates', states: ['established', 'related'] }],
    ['ct state != { established, new } accept', { kind: 'ctStates', states: ['established', 'new'], negated: true }],
    ['ct status dnat accept', { kind: 'destinationRewritten' }],
    ['meta mark & 0x00004000 != 0x00000000 accept', { kind: 'markBit', bit: 14 }],
    ['meta mark & 0x00004000 == 0x00000000 accept', { kind: 'mark', mask: 0x4000, value: 0 }],
    ['meta mark 0x00000007 accept', { kind: 'mark', mask: 0xffffffff, value: 7 }],
    ['oifname "eth0" accept', { kind: 'opaque', words: 'oifname "eth0" accept' }],
  ])('ask: %s', (line, match) => {
    expect(ruleOf(line).matches).toEqual([match]);
  });

  it.each([
    ['goto service-A-ns1/svc1/tcp/p80', { kind: 'goto', chain: 'service-A-ns1/svc1/tcp/p80' }],
    ['reject with icmp type host-unreachable', { kind: 'reject' }],
    ['masquerade', { kind: 'masquerade' }],
    ['meta mark set meta mark | 0x00004000', { kind: 'setMarkBit', bit: 14 }],
    ['meta mark set meta mark ^ 0x00004000', { kind: 'mark', mask: 0, mark: 0x4000 }],
    ['meta mark set meta mark & 0x0000ffff', { kind: 'mark', mask: 0xffff0000, mark: 0 }],
    ['meta mark set 0x00000001', { kind: 'mark', mask: 0xffffffff, mark: 1 }],
    [
      'update @affinity-A-a/b/tcp/c__10.0.0.1/80 { ip saddr }',
      { kind: 'remember', set: 'affinity-A-a/b/tcp/c__10.0.0.1/80' },
    ],
    ['dnat to 10.0.0.1:80', { kind: 'dnat', address: '10.0.0.1', port: 80 }],
    [
      'ip daddr . meta l4proto . th dport vmap @service-ips',
      { kind: 'verdictMap', key: ['daddr', 'l4proto', 'dport'], map: 'service-ips' },
    ],
  ])('do: %s', (line, statement) => {
    expect(ruleOf(line).statements).toEqual([statement]);
  });

  it('have anonymous sets, named as in the kernel', () => {
    expect(ruleOf('ip saddr != { 192.0.2.0/24, 203.0.113.7 } drop')).toEqual({
      matches: [{ kind: 'in', key: ['saddr'], set: '__set0', negated: true }],
      statements: [{ kind: 'drop' }],
      comment: undefined,
      sets: [
        {
          name: '__set0',
          key: ['address'],
          groups: [[{ owner: '', elements: [{ key: ['192.0.2.0/24'] }, { key: ['203.0.113.7'] }] }]],
        },
      ],
    });
  });

  it.each([
    [
      'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.0.1 . 80, 1 : 10.0.0.2 . 81 }',
      { kind: 'dnatMap', key: [{ random: 2 }], map: '__map0' },
      [
        { key: [0], value: { kind: 'destination', address: '10.0.0.1', port: 80 } },
        { key: [1], value: { kind: 'destination', address: '10.0.0.2', port: 81 } },
      ],
    ],
    [
      'numgen random mod 2 vmap { 0 : goto endpoint-A-x/y/tcp/__10.0.0.1/80, 1 : return }',
      { kind: 'verdictMap', key: [{ random: 2 }], map: '__map0' },
      [
        { key: [0], value: { kind: 'goto', chain: 'endpoint-A-x/y/tcp/__10.0.0.1/80' } },
        { key: [1], value: { kind: 'return' } },
      ],
    ],
  ])('have anonymous maps: %s', (line, statement, elements) => {
    const { statements, sets } = ruleOf(line);
    expect(statements).toEqual([statement]);
    expect(sets[0]?.groups[0]?.[0]?.elements).toEqual(elements);
  });

  it('take the protocol from the name of its port', () => {
    expect(ruleOf('tcp dport 80 counter packets 3 bytes 180 drop comment "why"')).toMatchObject({
      matches: [
        { kind: 'protocols', protocols: ['TCP'] },
        { kind: 'in', key: ['dport'], set: '__set0' },
      ],
      statements: [{ kind: 'drop' }],
      comment: 'why',
    });
  });

  it.each([
    ['ip daddr 10.0.0.1 tcp flags syn drop', ['block', 'opaque'], []],
    ['ip daddr 10.0.0.1 meta mark set 0x00000001 ct mark set meta mark accept', ['block'], ['mark', 'opaque']],
    ['meta mark set 0x00000001 ip daddr 10.0.0.1 accept', [], ['mark', 'opaque']],
    ['jump "x"', ['opaque'], []],
    ['dnat to 10.0.0.1', ['opaque'], []],
  ])('keep unsupported expressions as words: %s', (line, matches, statements) => {
    const rule = ruleOf(line);
    expect(rule.matches?.map(({ kind }) => kind)).toEqual(matches);
    expect(rule.statements?.map(({ kind }) => kind)).toEqual(statements);
  });
});
