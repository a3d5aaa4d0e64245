import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rulewright } from './cli/run.ts';

const folderOfAll = fileURLToPath(new URL('../golden/verify', import.meta.url));
const isAccepting = process.env['ACCEPT'] !== undefined;

/** What the command prints, and its exit code; times are none of its promises. */
async function run(cwd: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await rulewright(args, { cwd });
  const text = stdout.replace(/\b\d+(?:\.\d+)? (?:ms|s)\b/g, 'some time');
  return `${text}${stderr === '' ? '' : `\nstandard error:\n${stderr}`}\nexit code: ${exitCode}\n`;
}

describe.each(readdirSync(folderOfAll))('golden/verify/%s', (name) => {
  const folder = join(folderOfAll, name);
  const command = readFileSync(join(folder, 'command.txt'), 'utf8');

  it('states its goal', () => {
    expect(/^# goal: (.*)$/m.exec(command)?.[1]?.length).toBeGreaterThan(20);
  });

  it('prints the accepted output', async () => {
    const words = /^rulewright (verify .*)$/m.exec(command)?.[1]?.split(' ') ?? expect.fail('no command');
    const printed = await run(folder, words);
    if (isAccepting) writeFileSync(join(folder, 'output.txt'), printed);
    expect(printed).toBe(readFileSync(join(folder, 'output.txt'), 'utf8'));
  });
});
