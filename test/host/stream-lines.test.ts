import { describe, expect, it } from 'vitest';
import { streamLines } from '../../src/host/stream-lines.ts';

/** Runs a shell script and collects its lines. */
async function run(script: string, { timeoutMs = 30_000, signal = new AbortController().signal } = {}) {
  const lines: string[] = [];
  const outcome = await streamLines({ command: 'sh', args: ['-c', script], timeoutMs, signal }, (line) => {
    lines.push(line);
  });
  return { lines, outcome };
}

describe('streamLines', () => {
  it('hands over every line, wherever the pieces of the output end', async () => {
    const { lines, outcome } = await run('seq 100000; printf last');
    expect(lines).toEqual([...Array.from({ length: 100_000 }, (_, i) => String(i + 1)), 'last']);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 0, stdout: '', stderr: '' });
  });

  it('gives the exit code and what was said', async () => {
    const { outcome } = await run('echo no >&2; exit 3');
    expect(outcome).toEqual({ kind: 'exited', exitCode: 3, stdout: '', stderr: 'no' });
  });

  it('does not take a program that is not there for a failure of its own', async () => {
    const { signal } = new AbortController();
    const command = { command: 'no-such-program', args: [], timeoutMs: 1000, signal };
    expect(await streamLines(command, () => undefined)).toEqual({ kind: 'missing' });
  });

  it('ends a program that takes too long, that is not wanted any more, or that crashes', async () => {
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
