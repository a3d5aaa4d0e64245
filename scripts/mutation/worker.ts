/** All mutants of one golden case: prints a `Score` as JSON. */
import { readGoldenCase } from '../lab/golden/case.ts';
import { judgeMutant } from './judge.ts';
import { addJudgement, emptyScore } from './score.ts';
import { mutantsOf, subjectsOf } from './subjects.ts';

/** Rulesets with more mutants than this have many similar Services: one mutant in ten is enough. */
const manyMutants = 1_000;

const score = emptyScore();
for (const subject of subjectsOf(await readGoldenCase(process.argv[2] ?? ''))) {
  const mutants = mutantsOf(subject);
  for (const [i, mutant] of mutants.entries()) {
    if (mutants.length > manyMutants && i % 10 !== 0) continue;
    addJudgement(score, { subject, mutant, judgement: judgeMutant(subject, mutant) });
  }
}
console.log(JSON.stringify(score));
