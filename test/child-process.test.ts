/** How the ends of real processes are told apart. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../src/child-process.ts';
import { until } from './support/until.ts';

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

describe('runCommand and the children of a program', () => {
  const pidOf = async (file: string): Promise<number> => Number(await readFile(file, 'utf8'));
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('stops a program whose child keeps its output open, and the child', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'run-')), 'pid');
    const startedAt = performance.now();
    const outcome = await runCommand(...sh(`sleep 60 & echo $! >${file}; wait`), { timeoutMs: 300 });
    expect(outcome).toEqual({ kind: 'killed', why: 'no answer after 0.3 s' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await until(async () => expect(isAlive(await pidOf(file))).toBe(false));
  });

  it('kills a program that ignores SIGTERM, and gives up one that is out of reach', async () => {
    const deaf = await runCommand(...sh("trap '' TERM; while :; do sleep 0.2; done"), { timeoutMs: 200 });
    expect(deaf).toEqual({ kind: 'killed', why: 'no answer after 0.2 s' });
    // setsid leaves the group, and keeps the pipe.
    const file = join(await mkdtemp(join(tmpdir(), 'run-')), 'pid');
    const away = await runCommand(...sh(`setsid sh -c 'echo $$ >${file}; exec sleep 60' & wait`), { timeoutMs: 500 });
    expect(away).toEqual({ kind: 'killed', why: 'no answer after 0.5 s' });
    process.kill(await pidOf(file), 'SIGKILL');
  });

  it('gives what a program said that has ended, although its child keeps the output open', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'run-')), 'pid');
    const outcome = await runCommand(...sh(`sleep 60 & echo $! >${file}; echo done; exit 3`));
    expect(outcome).toEqual({ kind: 'exited', exitCode: 3, stdout: 'done', stderr: '' });
    await until(async () => expect(isAlive(await pidOf(file))).toBe(false));
  });

  it('names what the machine lacks when a program that is there cannot be started', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'run-')), 'nft');
    await writeFile(file, '#!/bin/sh\n', { mode: 0o600 });
    const outcome = await runCommand(file, []);
    expect(outcome).toEqual({ kind: 'unstarted', why: 'EACCES: permission denied' });
    const noFiles = `ulimit -n 24; exec ${process.execPath} --input-type=module --eval '
      import { openSync } from "node:fs";
      const { runCommand } = await import("${import.meta.dirname}/../src/child-process.ts");
      try { for (;;) openSync("/dev/null"); } catch {}
      console.log(JSON.stringify(await runCommand("true", [])));'`;
    const { stdout } = (await runCommand(...sh(noFiles))) as { stdout: string };
    expect(JSON.parse(stdout)).toEqual({ kind: 'unstarted', why: 'EMFILE: too many open files' });
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
