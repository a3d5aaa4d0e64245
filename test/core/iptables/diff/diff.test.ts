import { describe, expect, it } from 'vitest';
import { diffRulesets } from '../../../../src/core/iptables/diff/diff.ts';
import { summarizeTransaction } from '../../../../src/core/iptables/diff/operations.ts';
import { printTransaction } from '../../../../src/core/iptables/diff/print.ts';
import { lower } from '../../../../src/core/iptables/lower/lower.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset } from '../../../../src/core/iptables/ruleset.ts';
import type { SliceEndpoint } from '../../../../src/core/model/objects.ts';
import { planFamily } from '../../../../src/core/plan/plan.ts';
import { applyTransaction } from '../../../support/kernel-model/iptables/apply.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../../support/objects.ts';

/** Service `web` with these endpoints. */
function web(endpoints: readonly SliceEndpoint[], over: Parameters<typeof nodeConfig>[0] = {}): IptablesRuleset {
  const snapshot = snapshotOf({ services: [service('web')], slices: [slice('web', endpoints)] });
  const config = nodeConfig(over);
  return lower(planFamily(snapshot, config, 'IPv4').plan, config.layout);
}

const two = [endpoint('10.244.1.1'), endpoint('10.244.1.2')];

function jump(chain: string): IptablesRule {
  return { match: {}, target: { kind: 'jump', chain } };
}

/** Table filter with jumps to these chains in INPUT, and the chains. */
function withJumps(...names: readonly string[]): IptablesRuleset {
  const own = [...new Set(names)].map((name): IptablesChain => ({ name, rules: [] }));
  return {
    family: 'IPv4',
    tables: [{ name: 'filter', chains: [{ name: 'INPUT', rules: names.map(jump) }, ...own] }],
  };
}

function jumpLines(last: IptablesRuleset, wanted: IptablesRuleset): readonly string[] {
  const lines = printTransaction(diffRulesets(last, wanted)).split('\n');
  return lines.filter((line) => /^-[AID] INPUT/.test(line));
}

function commitsOf(last: IptablesRuleset | undefined, wanted: IptablesRuleset | undefined): readonly string[] {
  return diffRulesets(last, wanted).commits.map(({ table }) => table);
}

describe('diffRulesets', () => {
  it('refills the one chain that changes when an endpoint goes', () => {
    const transaction = diffRulesets(web(two), web(two.slice(1)));
    const lines = printTransaction(transaction).split('\n');
    expect(lines[0]).toBe('*nat');
    expect(lines[1]).toMatch(/^:KUBE-SVC-[A-Z2-7]{16} - \[0:0\]$/);
    expect(lines.slice(2, -2).map((line) => line.slice(0, 12))).toEqual(['-A KUBE-SVC-', '-A KUBE-SVC-']);
    expect(lines.slice(-2)).toEqual(['COMMIT', '']);
    expect(summarizeTransaction(transaction)).toEqual({
      chains: { added: 0, changed: 1, removed: 0 },
      jumps: { added: 0, changed: 0, removed: 0 },
    });
  });

  it('puts a refusal in before the last endpoint goes, and takes it out after the first one comes', () => {
    expect(commitsOf(web(two), web([]))).toEqual(['filter', 'nat']);
    expect(commitsOf(web([]), web(two))).toEqual(['nat', 'filter']);
  });

  it('does both when one Service gets its first endpoint and another loses its last', () => {
    const cluster = (one: readonly SliceEndpoint[], other: readonly SliceEndpoint[]): IptablesRuleset => {
      const ports = [{ name: 'http', protocol: 'TCP', port: 81 }] as const;
      const snapshot = snapshotOf({
        services: [service('one'), service('other', { ports })],
        slices: [slice('one', one), slice('other', other)],
      });
      return lower(planFamily(snapshot, nodeConfig(), 'IPv4').plan, 'fast');
    };
    expect(commitsOf(cluster(two, []), cluster([], two))).toEqual(['filter', 'nat', 'filter']);
  });

  it('guards first, from nothing, and last, to nothing', () => {
    expect(commitsOf(undefined, web(two))).toEqual(['filter', 'nat']);
    expect(commitsOf(web(two), undefined)).toEqual(['nat', 'filter']);
  });

  it('leaves a chain standing that others may jump to', () => {
    const text = printTransaction(diffRulesets(web(two), undefined));
    expect(text).toContain('-X KUBE-SERVICES\n');
    expect(text).not.toMatch(/[:X] ?KUBE-(MARK-MASQ|FIREWALL)/);
    expect(text).toContain('-D INPUT -j KUBE-FIREWALL\n');
  });

  it.each([
    ['a new one at the top', ['a', 'b'], ['x', 'a', 'b'], ['-I x']],
    ['a new one in the middle, with those before it', ['a', 'b'], ['a', 'x', 'b'], ['-D a', '-I x', '-I a']],
    ['one that goes', ['a', 'b', 'c'], ['a', 'c'], ['-D b']],
    ['another order', ['a', 'b'], ['b', 'a'], ['-D b', '-I b']],
    ['one that is there twice', ['a', 'b', 'a'], ['a', 'b'], ['-D a', '-D b', '-D a', '-I b', '-I a']],
    ['no change', ['a', 'b'], ['a', 'b'], []],
  ])('inserts jumps at the top: %s', (_, before, after, expected) => {
    const name = (letter: string) => `KUBE-${letter}`;
    const [last, wanted] = [withJumps(...before.map(name)), withJumps(...after.map(name))];
    expect(jumpLines(last, wanted).map((line) => line.replace('INPUT -j KUBE-', ''))).toEqual(expected);
    const applied = applyTransaction(last, diffRulesets(last, wanted));
    expect(applied.tables[0]?.chains[0]?.rules).toEqual(wanted.tables[0]?.chains[0]?.rules);
  });

  it('never touches the policy of a chain of the kernel', () => {
    const policed = (policy: 'ACCEPT' | 'DROP'): IptablesRuleset => ({
      family: 'IPv4',
      tables: [{ name: 'filter', chains: [{ name: 'INPUT', policy, rules: [] }] }],
    });
    expect(diffRulesets(policed('ACCEPT'), policed('DROP')).commits).toEqual([]);
  });

  it('refuses to compare nothing, or two families', () => {
    expect(() => diffRulesets(undefined, undefined)).toThrow('no ruleset');
    expect(() => diffRulesets(web(two), { family: 'IPv6', tables: [] })).toThrow('families');
  });
});

describe('applyTransaction', () => {
  it.each([
    ['a chain of the kernel', { kind: 'flushChain', chain: 'INPUT' }],
    ['no such chain', { kind: 'flushChain', chain: 'KUBE-X' }],
    ['no chain KUBE-X', { kind: 'appendRules', chain: 'KUBE-a', rules: [jump('KUBE-X')] }],
    ['no such rule', { kind: 'deleteRule', chain: 'INPUT', rule: jump('KUBE-b') }],
    ['it is in use', { kind: 'deleteChain', chain: 'KUBE-a' }],
  ] as const)('refuses what the kernel would refuse: %s', (problem, operation) => {
    const transaction = { family: 'IPv4', commits: [{ table: 'filter', operations: [operation] }] } as const;
    expect(() => applyTransaction(withJumps('KUBE-a'), transaction)).toThrow(problem);
  });
});
