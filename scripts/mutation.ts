/**
 * Mutation proof of the prover: spoils every rule, element and probability of every golden ruleset, one at a time, and
 * holds each mutant against its plan. `node scripts/mutation.ts [CASE…]` runs all of it, which takes minutes.
 */
import { goldenCases, readGoldenCase } from '../test/support/golden-case.ts';
import { judgeMutant } from './mutation/judge.ts';
import { addJudgement, emptyScore, formatScore, type Score } from './mutation/score.ts';
import { mutantsOf, subjectsOf } from './mutation/subjects.ts';

async function main(names: readonly string[]): Promise<Score> {
  const score = emptyScore();
  for (const name of names) {
    const golden = await readGoldenCase(name);
    for (const subject of subjectsOf(golden)) {
      for (const mutant of mutantsOf(subject)) {
        const judgement = judgeMutant(subject, mutant);
        addJudgement(score, { subject, mutant, judgement });
      }
    }
    process.stderr.write(`${name}: ${score.mutants} mutants, ${score.unexplained.length} unexplained\n`);
  }
  return score;
}

const wanted = process.argv.slice(2);
const score = await main(goldenCases().filter((name) => wanted.length === 0 || wanted.includes(name)));
console.log(formatScore(score));
for (const line of score.unexplained) console.log(line);
process.exitCode = score.unexplained.length > 0 ? 1 : 0;
