import { describe, expect, it } from 'vitest';
import { checkRuleset, emptyIptablesCheckMemory } from '../../../../src/core/iptables/check/check.ts';
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
  IptablesTarget,
  TableName,
} from '../../../../src/core/iptables/ruleset.ts';
import { type IpAddress, type IpFamily, parseIpAddress } from '../../../../src/core/model/address.ts';
import { constantCidr, wholeFamily } from '../../../../src/core/model/cidr.ts';

function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

function jump(chain: string): IptablesRule {
  return { match: {}, target: { kind: 'jump', chain } };
}

function chain(name: string, ...rules: readonly IptablesRule[]): IptablesChain {
  return { name, rules };
}

function verify(table: TableName, ...chains: readonly IptablesChain[]): readonly string[] {
  return checkRuleset({ family: 'IPv4', tables: [{ name: table, chains }] });
}

/** What is wrong with one rule in a built-in chain. */
function checkOne(rule: IptablesRule, table: TableName = 'filter', family: IpFamily = 'IPv4'): readonly string[] {
  const tables = [{ name: table, chains: [chain('OUTPUT', rule)] }];
  return checkRuleset({ family, tables }).map((problem) => problem.replace(`${table} OUTPUT: rule 1: `, ''));
}

describe('chains', () => {
  it('are sound when every one is called and none calls itself', () => {
    expect(verify('nat', chain('OUTPUT', jump('A'), jump('B')), chain('A', jump('B')), chain('B'))).toStrictEqual([]);
  });

  it('that exist for other programs need not be called', () => {
    expect(verify('nat', chain('KUBE-MARK-MASQ'), chain('KUBE-PROXY-CANARY'))).toStrictEqual([]);
  });

  it.each<readonly [string, readonly IptablesChain[]]>([
    ['nat OUTPUT: no chain A in this table', [chain('OUTPUT', jump('A'))]],
    ['nat A: no rule jumps to this chain', [chain('OUTPUT'), chain('A')]],
    ['nat A: a chain of this name comes twice', [chain('OUTPUT', jump('A')), chain('A'), chain('A')]],
    ['nat OUTPUT: a jump to built-in INPUT', [chain('INPUT'), chain('OUTPUT', jump('INPUT'))]],
    ['nat A -> A: chains that call each other', [chain('OUTPUT', jump('A')), chain('A', jump('A'))]],
    [
      'nat B -> C -> B: chains that call each other',
      [
        chain('OUTPUT', jump('A')),
        chain('A', jump('D'), jump('B')),
        chain('D'),
        chain('B', jump('C')),
        chain('C', jump('B')),
      ],
    ],
    ['nat FORWARD: a built-in chain that this table does not have', [chain('FORWARD')]],
    ['nat LOG: not a name for a chain', [chain('OUTPUT', jump('LOG')), chain('LOG')]],
    ['nat a b: not a name for a chain', [chain('OUTPUT', jump('a b')), chain('a b')]],
    [
      `nat ${'A'.repeat(29)}: a name of more than 28 characters`,
      [chain('OUTPUT', jump('A'.repeat(29))), chain('A'.repeat(29))],
    ],
    [
      'nat A: a policy, which only built-in chains have',
      [chain('OUTPUT', jump('A')), { name: 'A', policy: 'ACCEPT', rules: [] }],
    ],
    ['nat OUTPUT: policy DROP in table nat', [{ name: 'OUTPUT', policy: 'DROP', rules: [] }]],
  ])('%s', (problem, chains) => {
    expect(verify('nat', ...chains)).toContain(problem);
  });

  it('of another table are no help', () => {
    const tables: IptablesRuleset['tables'] = [
      { name: 'nat', chains: [chain('OUTPUT', jump('A'))] },
      { name: 'filter', chains: [chain('OUTPUT', jump('A')), chain('A')] },
      { name: 'nat', chains: [] },
      { name: 'nut' as TableName, chains: [] },
    ];
    expect(checkRuleset({ family: 'IPv4', tables })).toStrictEqual([
      'nat OUTPUT: no chain A in this table',
      'table nat comes twice',
      'not a table: "nut"',
    ]);
  });

  it('are looked at again when they change, and for each family and table', () => {
    const called = chain('A', { match: { source: { value: constantCidr('fd00::/8') } } });
    const output = chain('OUTPUT', jump('A'));
    const memory = emptyIptablesCheckMemory();
    const check = (family: IpFamily, ...chains: readonly IptablesChain[]) =>
      checkRuleset({ family, tables: [{ name: 'nat', chains }] }, memory);
    expect(check('IPv6', output, called)).toStrictEqual([]);
    expect(check('IPv4', output, called)).toStrictEqual(['nat A: rule 1: fd00::/8 is not of family IPv4']);
    expect(check('IPv6', output, chain('A', jump('B')))).toStrictEqual(['nat A: no chain B in this table']);
    expect(check('IPv6', output, called)).toStrictEqual([]);
  });

  it('may call each other in a very long row', () => {
    const row = Array.from({ length: 30_000 }, (_, i) => chain(`K${i}`, jump(`K${i + 1}`)));
    expect(verify('nat', chain('OUTPUT', jump('K0')), ...row, chain('K30000'))).toStrictEqual([]);
  });
});

describe('matches', () => {
  it.each<readonly [string, IptablesMatch]>([
    ['fd00::/8 is not of family IPv4', { source: { value: constantCidr('fd00::/8') } }],
    ['a match of no address at all', { source: { value: wholeFamily.IPv4, negated: true } }],
    ['not an interface: "a b"', { outputInterface: { value: 'a b' } }],
    ['a match of no interface at all', { outputInterface: { value: '+', negated: true } }],
    ['no -i in OUTPUT', { inputInterface: { value: 'eth0' } }],
    ['a port without a protocol', { destinationPort: { from: 1, to: 1 } }],
    ['not ports: 0:1', { protocol: 'TCP', destinationPort: { from: 0, to: 1 } }],
    ['not ports: 2:1', { protocol: 'TCP', destinationPort: { from: 2, to: 1 } }],
    ['not conntrack states in order: ""', { ctStates: { value: [] } }],
    ['not conntrack states in order: "DNAT,NEW"', { ctStates: { value: ['DNAT', 'NEW'] } }],
    ['a mark over 32 bits', { mark: { value: { mark: 2 ** 32, mask: 0 } } }],
    ['not a probability: 0 of 2^31', { random: 0 }],
    ['not a probability: 2147483648 of 2^31', { random: 2 ** 31 }],
    ['not a recent list: "a b"', { recent: { operation: 'set', name: 'a b' } }],
    ['a time of no seconds', { recent: { operation: 'rcheck', name: 'a', seconds: 0, reap: false } }],
    ['not a time: 0.5 seconds', { recent: { operation: 'rcheck', name: 'a', seconds: 0.5, reap: false } }],
    ['not an nfacct object: a b', { nfacct: 'a b' }],
    ['a match that rulewright has no model for: -m limit', { opaque: ['-m', 'limit'] }],
  ])('%s', (problem, match) => {
    expect(checkOne({ match })).toStrictEqual([problem]);
  });

  it('have comments that the tools do not cut', () => {
    expect(checkOne({ match: {}, comment: 'x'.repeat(255) })).toStrictEqual([]);
    expect(checkOne({ match: {}, comment: 'x'.repeat(256) })).toStrictEqual([
      'a comment of 256 characters, at most 255',
    ]);
  });
});

describe('targets', () => {
  const port80 = { kind: 'dnat', address: ip('10.0.0.1'), port: 80 } as const;
  const reset = { kind: 'reject', with: 'tcp-reset' } as const;

  it('are sound in their tables', () => {
    expect(checkOne({ match: { protocol: 'SCTP' }, target: port80 }, 'nat')).toStrictEqual([]);
    expect(checkOne({ match: { protocol: 'TCP' }, target: reset })).toStrictEqual([]);
    expect(checkOne({ match: {}, target: { kind: 'drop' } }, 'mangle')).toStrictEqual([]);
  });

  it.each<readonly [string, TableName, IptablesTarget]>([
    ['DROP in table nat', 'nat', { kind: 'drop' }],
    ['REJECT in table nat', 'nat', { kind: 'reject', with: 'icmp-port-unreachable' }],
    ['DNAT in table filter', 'filter', { kind: 'dnat', address: ip('10.0.0.1') }],
    ['MASQUERADE in table mangle', 'mangle', { kind: 'masquerade', randomFully: true }],
    ['fd00::1 is not of family IPv4', 'nat', { kind: 'dnat', address: ip('fd00::1') }],
    ['DNAT to a port without a protocol', 'nat', port80],
    ['a mark over 32 bits', 'nat', { kind: 'mark', mark: 0, mask: -1 }],
    ['not a way to reject any protocol of family IPv4: "tcp-reset"', 'filter', reset],
    [
      'not a way to reject any protocol of family IPv4: "icmp6-port-unreachable"',
      'filter',
      { kind: 'reject', with: 'icmp6-port-unreachable' },
    ],
    ['a target that rulewright has no model for: LOG', 'filter', { kind: 'opaque', words: ['LOG'] }],
  ])('%s', (problem, table, target) => {
    expect(checkOne({ match: {}, target }, table)).toStrictEqual([problem]);
  });

  it('of DNAT name a port', () => {
    const target: IptablesTarget = { ...port80, port: 0 };
    expect(checkOne({ match: { protocol: 'TCP' }, target }, 'nat')).toStrictEqual(['not a port: 0']);
  });
});
