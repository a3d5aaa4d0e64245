import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../src/host/line-splitter.ts';
import { type RunOptions, runCommand } from '../../src/host/run-command.ts';

/** Runs a shell script in the background and collects its lines. */
async function run(script: string, options: RunOptions = {}) {
  const lines: string[] = [];
  const { take, end } = createLineSplitter((line) => lines.push(line));
  const outcome = await runCommand('sh', ['-c', script], { isBackground: true, onChunk: take, ...options });
  end();
  return { lines, outcome };
}

describe('the lines of a program', () => {
  it('are handed over, wherever the pieces of the output end', async () => {
    const { lines, outcome } = await run('seq 100000; printf last');
    expect(lines).toEqual([...Array.from({ length: 100_000 }, (_, i) => String(i + 1)), 'last']);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 0, stdout: '', stderr: '' });
  });

  it('come with its exit code and what it said', async () => {
    const { outcome } = await run('echo no >&2; exit 3');
    expect(outcome).toEqual({ kind: 'exited', exitCode: 3, stdout: '', stderr: 'no' });
  });

  it('end when it takes too long, is not wanted any more, or crashes', async () => {
    expect((await run('exec sleep 60', { timeoutMs: 50 })).outcome).toEqual({
      kind: 'killed',
      why: 'no answer after 0.05 s',
    });
    const stopping = new AbortController();
    const stopped = run('echo begun; exec sleep 60', { signal: stopping.signal });
    stopping.abort();
    expect((await stopped).outcome).toMatchObject({ kind: 'killed' });
    expect((await run('kill -SEGV $$')).outcome).toEqual({ kind: 'killed', why: 'SIGSEGV' });
  });
});
