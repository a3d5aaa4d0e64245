import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tooOldNode } from '../../src/cli/node-version.ts';
import { folderWith, runProgram } from './run.ts';

const complaint = (version: string): string => `rulewright needs Node 22.19 or newer, but this is Node ${version}`;

it.each(['4.9.1', '18.20.4', '20.20.2', '22.18.0', '21.99.0', '22.2.0'])('finds Node %s too old', (version) => {
  expect(tooOldNode(version)).toBe(complaint(version));
});

it.each(['22.19.0', '22.20.1', '23.0.0', '24.21.0', '100.0.0'])('takes Node %s', (version) => {
  expect(tooOldNode(version)).toBe('');
});

it('asks for the Node that package.json asks for', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ engines: { node: '>=22.19' } });
});

const systemNode = '/usr/bin/node';
const systemVersion = existsSync(systemNode)
  ? execFileSync(systemNode, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  : '';

it.runIf(systemVersion !== '' && tooOldNode(systemVersion) !== '')(
  'says so in one line on a real old Node',
  async () => {
    const built = (file: string): string => {
      const source = readFileSync(new URL(`../../src/cli/${file}.ts`, import.meta.url), 'utf8');
      return stripTypeScriptTypes(source).replaceAll(".ts'", ".js'");
    };
    const folder = folderWith({
      'package.json': '{ "type": "module" }',
      'rulewright.js': built('rulewright'),
      'node-version.js': built('node-version'),
    });
    const ended = await runProgram(systemNode, [join(folder, 'rulewright.js'), 'compile'], {});
    expect(ended).toEqual({ exitCode: 2, stdout: '', stderr: `${complaint(systemVersion)}\n` });
  },
);
