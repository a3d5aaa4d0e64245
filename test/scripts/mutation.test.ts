import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeMutant } from '../../scripts/mutation/judge.ts';
import { type GoldenSubject, mutantsOf, subjectsOf } from '../../scripts/mutation/subjects.ts';
import { goldenCases, readGoldenCase } from '../support/golden-case.ts';

const seed = 20261126;

/** The whole, `node scripts/mutation.ts`, takes long; here a few mutants of each golden ruleset, the same each time. */
const perSubject = 2;

function pick(subject: GoldenSubject, salt: number) {
  const mutants = mutantsOf(subject);
  if (mutants.length === 0) return [];
  return fc.sample(fc.constantFrom(...mutants), { numRuns: perSubject, seed: seed + salt });
}

describe('a mutant of a golden ruleset', () => {
  it('is caught, or means the same for a reason that can be told', async () => {
    const fates = new Map<string, number>();
    const unexplained: string[] = [];
    for (const [salt, name] of goldenCases().entries()) {
      for (const subject of subjectsOf(await readGoldenCase(name))) {
        for (const mutant of pick(subject, salt)) {
          const { kind } = judgeMutant(subject, mutant);
          fates.set(kind, (fates.get(kind) ?? 0) + 1);
          if (kind === 'unexplained')
            unexplained.push(`${subject.name}: ${mutant.operator}: ${mutant.place}: ${mutant.change}`);
        }
      }
    }
    expect(unexplained).toEqual([]);
    expect(fates.get('refuted')).toBeGreaterThan(100);
    expect(fates.get('refused')).toBeGreaterThan(10);
  });
});
