/** Real descriptors that do not take what is written to them: the program that logs must neither fail nor wait. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const chatty = fileURLToPath(new URL('chatty.ts', import.meta.url));

/** Starts `node chatty.ts FILE` in a line of bash, where `$log` is that command and `$folder` is its own. */
function start(line: string) {
  const folder = mkdtempSync(join(tmpdir(), 'rulewright-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = `log() { "${process.execPath}" "${chatty}" "$folder/result"; }`;
  const child = spawn('bash', ['-o', 'pipefail', '-c', `${log}; ${line}`], { env: { ...process.env, folder } });
  const exitCode = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const lost = (): number => JSON.parse(readFileSync(join(folder, 'result'), 'utf8')).lost;
  return { child, exitCode, lost };
}

/** The numbers of the lines that got through. */
function numbersIn(output: string): readonly number[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).number);
}

const allNumbers = [...Array(1000).keys()];

describe('a log', () => {
  it.each([
    ['a file', 'log 2>"$folder/log"; code=$?; cat "$folder/log"; exit $code'],
    ['a pipe', 'log 2>&1 | cat'],
  ])('on %s has every line', async (_what, line) => {
    const { child, exitCode, lost } = start(line);
    expect(numbersIn(await text(child.stdout))).toEqual(allNumbers);
    expect([await exitCode, lost()]).toEqual([7, 0]);
  });

  it('on a socket has every line', async () => {
    const { child, exitCode, lost } = start('log');
    expect(numbersIn(await text(child.stderr))).toEqual(allNumbers);
    expect([await exitCode, lost()]).toEqual([7, 0]);
  });

  it('on a full disk loses its lines and nothing else', async () => {
    const { exitCode, lost } = start('log 2>/dev/full');
    expect([await exitCode, lost()]).toEqual([7, 1000]);
  });

  it('on a descriptor that was closed before does not stop the program', async () => {
    expect(await start('log 2>&-').exitCode).toBe(7);
  });

  it('on a pipe whose reader has gone loses its lines and nothing else', async () => {
    const { exitCode, lost } = start('log 2>&1 | :');
    expect(await exitCode).toBe(7);
    expect(lost()).toBeGreaterThan(900);
  });

  it('on a pipe without a reader makes no one wait, not even at the end', async () => {
    // The shell holds the other end open.
    const { exitCode } = start('mkfifo "$folder/fifo"; exec 3<>"$folder/fifo"; log 2>"$folder/fifo"');
    expect(await exitCode).toBe(7);
  });

  it('on a socket without a reader makes no one wait, not even at the end', async () => {
    const { child, exitCode } = start('log');
    expect(await exitCode).toBe(7);
    child.stderr.destroy();
  });
});
