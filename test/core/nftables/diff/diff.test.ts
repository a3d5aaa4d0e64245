import { describe, expect, it } from 'vitest';
import type { Service, SliceEndpoint } from '../../../../src/core/model/objects.ts';
import type { Snapshot } from '../../../../src/core/model/snapshot.ts';
import { diffRulesets } from '../../../../src/core/nftables/diff/diff.ts';
import { summarizeTransaction } from '../../../../src/core/nftables/diff/operations.ts';
import { printTransaction } from '../../../../src/core/nftables/diff/print.ts';
import { settleSlots } from '../../../../src/core/nftables/diff/settle.ts';
import { lower } from '../../../../src/core/nftables/lower/lower.ts';
import type { NftablesRuleset } from '../../../../src/core/nftables/ruleset.ts';
import { planFamily } from '../../../../src/core/plan/plan.ts';
import { applyTransaction } from '../../../support/kernel-model/nftables/apply.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../../support/objects.ts';

/** Nobody can tell local pods, so a frontend goes straight to the chain that picks an endpoint. */
const config = nodeConfig({ mode: 'nftables', detectLocal: { mode: 'ClusterCIDR', cidrs: [] } });

function rulesetOf(snapshot: Snapshot): NftablesRuleset {
  return lower(planFamily(snapshot, config, 'IPv4').plan);
}

/** Service `web` with these endpoints. */
function web(endpoints: readonly SliceEndpoint[], over: Partial<Service> = {}): NftablesRuleset {
  return rulesetOf(snapshotOf({ services: [service('web', over)], slices: [slice('web', endpoints)] }));
}

const three = [endpoint('10.244.1.1'), endpoint('10.244.1.2'), endpoint('10.244.1.3')];

/** The lines of the transaction that settles and applies `wanted`. */
function lines(last: NftablesRuleset | undefined, wanted: NftablesRuleset | undefined): readonly string[] {
  const settled = wanted === undefined ? undefined : settleSlots(last, wanted);
  return printTransaction(diffRulesets(last, settled)).split('\n').slice(0, -1);
}

function elementLines(last: NftablesRuleset, wanted: NftablesRuleset): readonly string[] {
  return lines(last, wanted).filter((line) => line.includes(' element '));
}

describe('diffRulesets', () => {
  it('changes three elements when the first of three endpoints is removed', () => {
    const last = web(three);
    const wanted = web(three.slice(1));
    const transaction = diffRulesets(last, settleSlots(last, wanted));
    expect(summarizeTransaction(transaction)).toEqual({
      sets: { added: 0, changed: 0, removed: 0 },
      chains: { added: 1, changed: 0, removed: 1 },
      elements: { added: 0, changed: 2, removed: 1 },
    });
    expect(lines(last, wanted).filter((line) => !line.startsWith('add rule '))).toEqual([
      'add chain ip rulewright pick-2',
      'flush chain ip rulewright pick-3',
      'delete element ip rulewright services { 10.96.0.1 . tcp . 80 }',
      'delete element ip rulewright tcp-endpoints { 10.96.0.1 . 80 . 0, 10.96.0.1 . 80 . 2 }',
      'add element ip rulewright services { 10.96.0.1 . tcp . 80 : jump pick-2 }',
      'add element ip rulewright tcp-endpoints { 10.96.0.1 . 80 . 0 : 10.244.1.3 . 8080 }',
      'delete chain ip rulewright pick-3',
    ]);
  });

  it('is empty if elements only change their owner', () => {
    const last = web(three);
    const renamed = rulesetOf(snapshotOf({ services: [service('other')], slices: [slice('other', three)] }));
    expect(elementLines(last, renamed)).toEqual([]);
  });

  it('keeps learned clients, unless the set is declared differently', () => {
    const sticky = (seconds: number, endpoints = three) => web(endpoints, { affinityTimeoutSeconds: seconds });
    const fewer = lines(sticky(600), sticky(600, three.slice(1)));
    expect(fewer.filter((line) => /^\w+ set /.test(line))).toHaveLength(1);
    expect(fewer.filter((line) => /^delete set /.test(line))).toHaveLength(1);
    const [last, wanted] = [sticky(600), sticky(300)];
    const other = diffRulesets(last, wanted);
    expect(summarizeTransaction(other).sets).toEqual({ added: 0, changed: 3, removed: 0 });
    expect(applyTransaction(last, other)?.sets).toEqual(expect.arrayContaining([...wanted.sets]));
  });

  it('rewrites a chain that refers to a redeclared set', () => {
    const chains = [{ name: 'c', rules: [{ matches: [], statements: [{ kind: 'remember', set: 's' } as const] }] }];
    const setOf = (timeoutSeconds: number) => ({ name: 's', key: ['address'] as const, timeoutSeconds, groups: [] });
    const [last, wanted] = [10, 20].map(
      (seconds): NftablesRuleset => ({ family: 'IPv4', sets: [setOf(seconds)], chains }),
    );
    expect(lines(last, wanted)).toEqual([
      'flush chain ip rulewright c',
      'delete set ip rulewright s',
      'add set ip rulewright s { type ipv4_addr; flags dynamic,timeout; timeout 20s; }',
      'add rule ip rulewright c update @s { ip saddr }',
    ]);
  });

  it('deletes a base chain and adds it when its priority changes', () => {
    const rules = [{ matches: [], statements: [{ kind: 'accept' } as const] }];
    const [last, wanted] = [0, 10].map(
      (priority): NftablesRuleset => ({
        family: 'IPv4',
        sets: [],
        chains: [{ name: 'c', hook: { type: 'filter', hook: 'input', priority }, rules }],
      }),
    );
    expect(lines(last, wanted)).toEqual([
      'flush chain ip rulewright c',
      'delete chain ip rulewright c',
      'add chain ip rulewright c { type filter hook input priority 10; policy accept; }',
      'add rule ip rulewright c accept',
    ]);
  });

  it('empties a verdict map before deleting it, for kernels that keep its chains in use', () => {
    const last: NftablesRuleset = {
      family: 'IPv4',
      sets: [
        {
          name: 'm',
          key: ['port'],
          value: 'verdict',
          groups: [[{ owner: '', elements: [{ key: [80], value: { kind: 'goto', chain: 'c' } }] }]],
        },
      ],
      chains: [{ name: 'c', rules: [] }],
    };
    expect(lines(last, { family: 'IPv4', sets: [], chains: [] })).toEqual([
      'flush chain ip rulewright c',
      'flush map ip rulewright m',
      'delete map ip rulewright m',
      'delete chain ip rulewright c',
    ]);
  });

  it('starts with an empty table if its state is unknown, and can delete it', () => {
    const anew = lines(undefined, web(three));
    expect(anew.slice(0, 3)).toEqual([
      'add table ip rulewright',
      'delete table ip rulewright',
      'add table ip rulewright',
    ]);
    expect(lines(web(three), undefined)).toEqual(['delete table ip rulewright']);
  });

  it('refuses to compare nothing, two families, or a base chain with another chain', () => {
    expect(() => diffRulesets(undefined, undefined)).toThrow('no ruleset');
    const empty: NftablesRuleset = { family: 'IPv4', sets: [], chains: [] };
    expect(() => diffRulesets(empty, { ...empty, family: 'IPv6' })).toThrow('families');
    const hook = { type: 'filter', hook: 'input', priority: 0 } as const;
    const base: NftablesRuleset = { ...empty, chains: [{ name: 'c', hook, rules: [] }] };
    expect(() => diffRulesets(base, { ...empty, chains: [{ name: 'c', rules: [] }] })).toThrow('base chain');
  });
});
