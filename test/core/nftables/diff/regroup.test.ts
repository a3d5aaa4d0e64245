import { describe, expect, it } from 'vitest';
import { compile } from '../../../../src/core/compiler.ts';
import { diffRulesets } from '../../../../src/core/nftables/diff/diff.ts';
import type { NftablesRuleset } from '../../../../src/core/nftables/ruleset.ts';
import { adoptRules, diffRules } from '../../../../src/core/rules.ts';
import { applyTransaction } from '../../../support/kernel-model/nftables/apply.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../../support/objects.ts';

function rulesWith(...addresses: readonly string[]) {
  const snapshot = snapshotOf({
    services: [service('web')],
    slices: [
      slice(
        'web',
        addresses.map((a) => endpoint(a)),
      ),
    ],
  });
  const rules = compile(snapshot, nodeConfig({ mode: 'nftables' }), ['IPv4']).rules.IPv4;
  if (rules?.mode !== 'nftables') throw new Error('no rules');
  return rules;
}

/** As it is read back from the kernel: all elements of a set in one group. */
function asRead(ruleset: NftablesRuleset): NftablesRuleset {
  const read = applyTransaction(undefined, diffRulesets(undefined, ruleset));
  if (read === undefined) throw new Error('no table');
  return read;
}

describe('rules that were read from the kernel', () => {
  it('equal the rules that were loaded', () => {
    const wanted = rulesWith('10.244.1.1', '10.244.1.2');
    const read = { ...wanted, ruleset: asRead(wanted.ruleset) };
    expect(diffRules(adoptRules(read, wanted), wanted).text).toBe('');
  });

  it('keep endpoints at their slots', () => {
    // The first endpoint went, so that the last has its slot: the other way round than the compiler numbers them.
    const before = rulesWith('10.244.1.1', '10.244.1.2', '10.244.1.3');
    const settled = diffRules(before, rulesWith('10.244.1.2', '10.244.1.3')).applied;
    if (settled.mode !== 'nftables') throw new Error('another mode');
    const read = { ...settled, ruleset: asRead(settled.ruleset) };
    const wanted = rulesWith('10.244.1.2', '10.244.1.3');
    expect(diffRules(adoptRules(read, wanted), wanted).text).toBe('');
    expect(diffRules(read, wanted).summary).toMatchObject({ elements: { changed: 2 } });
  });
});
