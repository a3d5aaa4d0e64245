import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenCases, readGoldenCase } from '../../scripts/lab/golden/case.ts';
import { judgeMutant } from '../../scripts/mutation/judge.ts';
import { mutantsOf, subjectsOf } from '../../scripts/mutation/subjects.ts';

/** All of them, `node scripts/mutation.ts`, take long; here a few of each golden case, the same each time. */
const perCase = 4;

const fates = new Map<string, number>();

describe('a mutant of a golden ruleset', () => {
  it.each(goldenCases().map((name, salt) => ({ name, salt })))(
    'is caught, or means the same for a reason that can be told: $name',
    async ({ name, salt }) => {
      const subjects = subjectsOf(await readGoldenCase(name));
      // Another mode or layout and family for each case: all of them in turn.
      const subject = subjects[salt % subjects.length];
      if (subject === undefined) throw new Error('a golden case without rules');
      const mutants = fc.constantFrom(...mutantsOf(subject));
      for (const mutant of fc.sample(mutants, { numRuns: perCase, seed: 20261126 + salt })) {
        const { kind } = judgeMutant(subject, mutant);
        fates.set(kind, (fates.get(kind) ?? 0) + 1);
        expect(kind, `${mutant.operator}: ${mutant.place}: ${mutant.change}`).not.toBe('unexplained');
      }
    },
  );

  it('is caught in enough cases', () => {
    const all = [...fates.values()].reduce((sum, count) => sum + count, 0);
    expect(all).toBeGreaterThan(300);
    expect((fates.get('refuted') ?? 0) / all).toBeGreaterThan(0.2);
  });
});
