import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyCompilerMemory } from '../../../src/core/compiler.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { type Manifest, namespacedName } from '../../../src/core/model/objects.ts';
import type { ProofResult } from '../../../src/core/prove/proof-result.ts';
import { createProver, finish, type Prover } from '../../../src/core/prove/prover.ts';
import { reduce } from '../../../src/core/snapshot/snapshot.ts';
import { arbitraryPair } from '../../support/arbitrary/pair.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../../support/objects.ts';
import { arbitrarySpoiling, arbitrarySubject, judge, type OwnSubject, spoil, subjectOf } from './subjects.ts';

const seed = 20261126;

/** All of a verdict but how much of it was remembered. */
function withoutMemory({ remembered: _, ...verdict }: ProofResult): unknown {
  return verdict;
}

function expectSame(prover: Prover, subject: OwnSubject): ProofResult {
  const verdict = finish(prover.prove(subject));
  expect(withoutMemory(verdict)).toEqual(withoutMemory(judge(subject)));
  return verdict;
}

function keyOf(object: Manifest['object']): string {
  return 'namespace' in object ? namespacedName(object) : object.name;
}

/** A cluster, the same after one object was set, and after another one was removed. */
const histories = fc
  .record({
    objects: arbitraryObjects,
    others: arbitraryObjects,
    config: arbitraryConfig,
    family: fc.constantFrom(...ipFamilies),
    which: fc.nat(20),
  })
  .map(({ objects, others, config, family, which }) => {
    const pick = (list: readonly Manifest[]): readonly Manifest[] => list.slice(which % list.length).slice(0, 1);
    const first = snapshotOfManifests(objects);
    const second = reduce(
      first,
      pick(others).map((manifest) => ({ type: 'set', manifest })),
    );
    const third = reduce(
      second,
      pick(objects).map(({ kind, object }) => ({ type: 'delete', kind, key: keyOf(object) })),
    );
    const memory = emptyCompilerMemory();
    return [first, second, third].map((snapshot) => subjectOf(snapshot, config, family, memory));
  });

const pairs = arbitraryPair(subjectOf);

describe('a prover with earlier proofs', () => {
  it('gives the result of a new prover after every change', () => {
    let [all, remembered] = [0, 0];
    fc.assert(
      fc.property(histories, (subjects) => {
        const prover = createProver();
        for (const [i, subject] of [...subjects, ...subjects.toReversed()].entries()) {
          const verdict = expectSame(prover, subject);
          if (i === 0) continue;
          remembered += verdict.remembered;
          all += verdict.classes;
        }
      }),
      { numRuns: 40, seed },
    );
    expect(remembered / all).toBeGreaterThan(0.3);
  });

  it('gives the right result for a completely different cluster', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const prover = createProver();
        for (const subject of [before, after, before]) expectSame(prover, subject);
      }),
      { numRuns: 30, seed },
    );
  });

  it('finds a mutated rule among remembered parcels', () => {
    const outcomes: string[] = [];
    fc.assert(
      fc.property(arbitrarySubject, arbitrarySpoiling, (subject, spoiling) => {
        const prover = createProver();
        expectSame(prover, subject);
        outcomes.push(expectSame(prover, { ...subject, rules: spoil(subject.rules, spoiling) }).outcome);
        expect(expectSame(prover, subject).outcome).toBe('proven');
      }),
      { numRuns: 30, seed },
    );
    expect(outcomes.filter((outcome) => outcome === 'different').length).toBeGreaterThan(5);
  });

  it('continues after a proof that was stopped early', () => {
    fc.assert(
      fc.property(pairs, fc.nat(60), ([before, after], steps) => {
        const prover = createProver();
        const proof = prover.prove(before);
        for (let i = 0; i < steps; i += 1) proof.next();
        expectSame(prover, after);
      }),
      { numRuns: 30, seed },
    );
  });
});
