import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const script = join(import.meta.dirname, '../../scripts/lib/count.sh');

async function run(
  ...commands: readonly string[]
): Promise<{ lines: readonly string[]; exitCode: number | undefined }> {
  const text = [`source '${script}'`, ...commands, 'count_total'].join('\n');
  const { stdout, exitCode } = await execa('bash', ['-uc', text], { reject: false, lines: true });
  return { lines: stdout, exitCode };
}

it('adds parts and steps', async () => {
  expect(await run("count_part a echo '3 passed, 0 failed'", 'count_step b true')).toEqual({
    lines: ['a: 3 passed, 0 failed', 'b: passed', '4 passed, 0 failed'],
    exitCode: 0,
  });
});

it('continues after a failure and remembers it', async () => {
  const part = "count_part b bash -c 'echo detail; echo 3 passed, 2 failed; exit 1'";
  expect(await run('count_step a false', part, 'count_step c true')).toEqual({
    lines: ['a: FAILED', 'detail', 'b: 3 passed, 2 failed', 'c: passed', '4 passed, 3 failed'],
    exitCode: 1,
  });
});

it('counts a part once, by its last line', async () => {
  const { lines } = await run("count_part a printf '1 passed, 0 failed\\n5 passed, 0 failed'");
  expect(lines).toEqual(['a: 5 passed, 0 failed', '5 passed, 0 failed']);
});

it('fails a part that dies without a count', async () => {
  const { lines, exitCode } = await run("count_part a bash -c 'exit 7'");
  expect(lines.slice(0, -2)).toEqual([expect.stringContaining('status 7')]);
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(exitCode).toBe(1);
});

it('fails a part whose status contradicts its count', async () => {
  const { lines, exitCode } = await run("count_part a bash -c 'echo 2 passed, 0 failed; exit 1'");
  expect(lines.at(-1)).toBe('2 passed, 1 failed');
  expect(exitCode).toBe(1);
});

it('fails a run in which nothing passed', async () => {
  expect((await run()).exitCode).toBe(1);
});
