/** Drift is what a diff would repair: never less, never more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRulesets as diffIptables } from '../../src/core/iptables/diff/diff.ts';
import { findDrift as findIptablesDrift } from '../../src/core/iptables/diff/drift.ts';
import { readOurs, splitSaved } from '../../src/core/iptables/listing/saved.ts';
import { lower as lowerToIptables } from '../../src/core/iptables/lower/lower.ts';
import { printRuleset as printIptables } from '../../src/core/iptables/print/print.ts';
import { diffRulesets as diffNftables } from '../../src/core/nftables/diff/diff.ts';
import { findDrift as findNftablesDrift } from '../../src/core/nftables/diff/drift.ts';
import { settleSlots } from '../../src/core/nftables/diff/settle.ts';
import { parseRuleset } from '../../src/core/nftables/listing/narrow.ts';
import { lower as lowerToNftables } from '../../src/core/nftables/lower/lower.ts';
import { printRuleset as printNftables } from '../../src/core/nftables/print/print.ts';
import { planFamily } from '../../src/core/plan/plan.ts';
import { arbitraryPair } from '../support/arbitrary/pair.ts';

const seed = 20_261_126;

describe('iptables drift', () => {
  const pairs = arbitraryPair((snapshot, config, family, { plan, rules }) =>
    lowerToIptables(planFamily(snapshot, config, family, plan).plan, config.layout, rules.iptables.lower),
  );

  it('is empty exactly when the diff from the saved rules (read fully or partly) to the applied rules is empty', () => {
    fc.assert(
      fc.property(pairs, ([found, applied]) => {
        const ownership = { ownsFirewall: true };
        const saved = splitSaved(printIptables(found));
        const read = readOurs(found.family, saved, ownership).ruleset;
        const isSame = diffIptables(read, applied).commits.length === 0;
        expect(findIptablesDrift(applied, read).length === 0).toBe(isSame);
        expect(findIptablesDrift(found, read)).toEqual([]);
        expect(readOurs(found.family, saved, { ...ownership, known: applied }).ruleset).toEqual(read);
      }),
      { seed, numRuns: 100 },
    );
  });
});

describe('nftables drift', () => {
  const pairs = arbitraryPair((snapshot, config, family, { plan, rules }) =>
    lowerToNftables(planFamily(snapshot, config, family, plan).plan, rules.nftables.lower),
  );

  it('is empty exactly when the diff from the listed rules to the applied rules is empty', () => {
    fc.assert(
      fc.property(pairs, ([found, wanted]) => {
        const read = parseRuleset(found.family, printNftables(found)).ruleset;
        const applied = settleSlots(found, wanted);
        const isSame = diffNftables(read, applied).operations.length === 0;
        expect(findNftablesDrift(applied, read).length === 0).toBe(isSame);
        expect(findNftablesDrift(found, read)).toEqual([]);
      }),
      { seed, numRuns: 100 },
    );
  });
});
