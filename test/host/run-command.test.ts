/** How the ends of real processes are told apart. */
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/host/run-command.ts';

const sh = (script: string) => ['sh', ['-c', script]] as const;

describe('runCommand', () => {
  it('gives what the program says, and its exit code', async () => {
    const outcome = await runCommand(...sh('cat; echo no >&2; exit 3'), { input: 'input' });
    expect(outcome).toEqual({ kind: 'exited', exitCode: 3, stdout: 'input', stderr: 'no' });
  });

  it('tells a program that is missing from one that says so', async () => {
    expect(await runCommand('/nonexistent/nft', [])).toEqual({ kind: 'missing' });
  });

  it('tells a program that is killed midway, before it has read all', async () => {
    const outcome = await runCommand(...sh('head -c 10 >/dev/null; kill -KILL $$'), { input: 'x'.repeat(1_000_000) });
    expect(outcome).toEqual({ kind: 'killed', why: 'SIGKILL' });
  });

  it('tells a program that ends before it has read all', async () => {
    const outcome = await runCommand(...sh('echo no >&2; exit 1'), { input: 'x'.repeat(1_000_000) });
    expect(outcome).toMatchObject({ kind: 'exited', exitCode: 1, stderr: 'no' });
  });

  it('stops a program that takes too long', async () => {
    const outcome = await runCommand(...sh('exec sleep 60'), { timeoutMs: 50 });
    expect(outcome).toEqual({ kind: 'killed', why: 'no answer after 0.05 s' });
  });
});

describe('runCommand with onChunk', () => {
  it('hands on bytes as they come, and gives standard error', async () => {
    const chunks: Uint8Array[] = [];
    const onChunk = (chunk: Uint8Array): number => chunks.push(chunk);
    const outcome = await runCommand(...sh("printf '\\377\\000'; echo bye >&2; exit 2"), { onChunk });
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([255, 0]));
    expect(outcome).toEqual({ kind: 'exited', exitCode: 2, stdout: '', stderr: 'bye' });
  });

  it('ends when it is stopped, also before it has begun', async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const outcome = runCommand(...sh('echo ready; exec sleep 60'), { onChunk: () => stop.abort(), signal });
    expect(await outcome).toEqual({ kind: 'killed', why: 'SIGTERM' });
    const onChunk = (): void => undefined;
    const aborted = await runCommand('sleep', ['60'], { onChunk, signal: AbortSignal.abort() });
    expect(aborted).not.toMatchObject({ exitCode: 0 });
  });

  it('tells that there is no such program', async () => {
    const onChunk = (): void => undefined;
    expect(await runCommand('/nonexistent/perl', [], { onChunk })).toEqual({ kind: 'missing' });
    expect(await runCommand('no-such-program', [], { onChunk, isBackground: true })).toEqual({ kind: 'missing' });
  });

  it('has no input, which ends with this process only', async () => {
    const onChunk = (): void => undefined;
    expect(await runCommand('cat', [], { onChunk, timeoutMs: 50 })).toEqual({
      kind: 'killed',
      why: 'no answer after 0.05 s',
    });
  });
});
