/**
 * Mutation-tests the prover: changes every rule, element and probability of every golden ruleset, one at a time, and
 * compares each mutant with its plan. `node scripts/mutation.ts [CASE…]` uses all cores for some minutes.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { goldenCases } from './lab/golden/case.ts';
import { formatScore, mergeScores, type Score } from './mutation/score.ts';

const worker = fileURLToPath(new URL('mutation/worker.ts', import.meta.url));

/** Each core takes one case after the other. */
async function main(names: readonly string[]): Promise<readonly Score[]> {
  const queue = [...names];
  const scores: Score[] = [];
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const { stdout } = await promisify(execFile)(process.execPath, [worker, name], { maxBuffer: 2 ** 28 });
      scores.push(JSON.parse(stdout));
      process.stderr.write(`${name}: done, ${queue.length} to go\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return scores;
}

const wanted = process.argv.slice(2);
const score = mergeScores(await main(goldenCases().filter((name) => wanted.length === 0 || wanted.includes(name))));
console.log(formatScore(score));
for (const line of score.unexplained) console.log(line);
process.exitCode = score.unexplained.length > 0 ? 1 : 0;
