/** docs/schema/output.json describes the JSON of all commands. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../../support/output-schema.ts';
import { badPort, dualStack, shop, slice } from '../manifests.ts';
import { folderWith, rulewright } from '../run.ts';

const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const goldenOutputs = readdirSync(golden, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /^(?:explain|forecast)\/.*\.json$/.test(path),
);

describe('the schema of JSON output', () => {
  it.each(goldenOutputs)('holds for golden/%s', (path) => {
    expect(schemaErrors(readFileSync(join(golden, path), 'utf8'))).toEqual([]);
  });

  const grown = `${shop}---\n${slice('web', '10.244.1.6').replace('name: web-', 'name: more-web-')}`;
  const files = {
    'shop.yaml': shop,
    'grown.yaml': grown,
    'bad.yaml': `${badPort}---\n${dualStack}`,
    'dump.txt': '*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -m weird -j DROP\nCOMMIT\n',
  };
  it.each<[string, number]>([
    ['compile -f shop.yaml', 0],
    ['compile -f bad.yaml --mode nftables', 1],
    ['diff shop.yaml grown.yaml', 0],
    ['plan shop.yaml grown.yaml', 0],
    ['plan shop.yaml bad.yaml --all-nodes', 1],
    ['explain outside shop/web -f shop.yaml', 0],
    ['explain nowhere shop/web -f shop.yaml', 1],
    ['verify -f grown.yaml --all-backends', 0],
    ['verify -f grown.yaml --dump dump.txt', 1],
    ['version', 0],
  ])('holds for %s', async (line, exitCode) => {
    const ended = await rulewright([...line.split(' '), '-o', 'json'], { cwd: folderWith(files) });
    expect([ended.exitCode, schemaErrors(ended.stdout)]).toEqual([exitCode, []]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ command: line.split(' ', 1)[0] });
  });

  it.each<[string, number, string]>([
    ['compile -f gone.yaml', 1, 'input-unreadable'],
    ['compile -f shop.yaml --config gone.conf', 1, 'input-unreadable'],
    ['compile -f shop.yaml --layout x', 2, 'usage'],
    ['compile -f shop.yaml --nope', 2, 'usage'],
    ['diff shop.yaml', 2, 'usage'],
    ['plan gone.yaml shop.yaml', 1, 'input-unreadable'],
    ['explain outside shop/web -f gone.yaml', 1, 'input-unreadable'],
    ['verify -f shop.yaml --dump shop.yaml', 1, 'dump-unknown'],
    ['cleanup --nope', 2, 'usage'],
    ['version --nope', 2, 'usage'],
    ['compil', 2, 'usage'],
  ])('holds for the error of %s, which is an object', async (line, exitCode, code) => {
    const cwd = folderWith(files);
    for (const output of [['-o', 'json'], ['--output=json']]) {
      const ended = await rulewright([...line.split(' '), ...output], { cwd });
      expect([ended.exitCode, schemaErrors(ended.stdout)]).toEqual([exitCode, []]);
      expect(JSON.parse(ended.stdout)).toMatchObject({ diagnostics: [{ severity: 'error', code }] });
      expect(ended.stderr).not.toBe('');
    }
  });

  it('refuses what it does not describe', () => {
    const right = { version: '1', command: 'version', node: 'v24', platform: 'linux/x64', diagnostics: [] };
    expect(schemaErrors(JSON.stringify(right))).toEqual([]);
    expect(schemaErrors(JSON.stringify({ ...right, more: 1 }))).not.toEqual([]);
    expect(schemaErrors(JSON.stringify({ version: '1', command: 'plan', diagnostics: [] }))).not.toEqual([]);
  });
});
