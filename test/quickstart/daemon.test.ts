import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endDaemon, endOfLog, startDaemon } from '../../scripts/lab/program/daemon.ts';

const { signal } = new AbortController();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rw-daemon-'));
});

afterEach(async () => {
  await endDaemon(folder);
  rmSync(folder, { recursive: true });
});

/** Something in a daemon's place; the folder is named as `--manifests` does. */
function node(script: string): readonly [string, ...string[]] {
  return [process.execPath, '-e', script, join(folder, 'shop')];
}

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

test('it is there when it says that all is programmed, and gone when it is ended', async () => {
  const script = "console.error('info  Every Service is programmed'); setInterval(() => {}, 1000)";
  const pid = await startDaemon({ command: node(script), folder, signal });
  expect(isRunning(pid)).toBe(true);
  await endDaemon(folder);
  expect(isRunning(pid)).toBe(false);
});

test('one that ends before is an error, and its log can be shown', async () => {
  const script = "console.error('one'); console.error('two'); process.exitCode = 3";
  const started = startDaemon({ command: node(script), folder, signal });
  await expect(started).rejects.toThrow('rulewright run did not program the Services: it ended (3)');
  expect(endOfLog(folder)).toBe("\nThe end of the daemon's log:\n  one\n  two");
});

test('one that cannot be started is an error', async () => {
  const started = startDaemon({ command: [join(folder, 'absent')], folder, signal });
  await expect(started).rejects.toThrow('ENOENT');
  expect(endOfLog(folder)).toBe('');
});

test('a process that got its number later is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const { pid = 0 } = stranger;
  writeFileSync(join(folder, 'daemon.pid'), String(pid));
  await endDaemon(folder);
  const isLeft = isRunning(pid);
  stranger.kill('SIGKILL');
  expect(isLeft).toBe(true);
});
