import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundle } from '../../scripts/bundle.ts';

const root = join(import.meta.dirname, '../..');
// What the image has of it, and nothing near it: no node_modules.
const image = mkdtempSync(join(tmpdir(), 'rulewright-image-'));
let made: Bundle;

beforeAll(async () => {
  made = await bundle(join(image, 'dist/bundle'));
  cpSync(join(root, 'package.json'), join(image, 'package.json'));
});

afterAll(() => rmSync(image, { recursive: true }));

const program = (script: string, ...args: readonly string[]) =>
  execa(process.execPath, [script, ...args], { reject: false });

describe('the bundle', () => {
  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect((await program(made.program, '--version')).stdout).toBe(`rulewright ${version}`);
  });

  it.each(['iptables', 'nftables'])('compiles to the same rules as the sources, for %s', async (mode) => {
    const args = ['compile', '-f', join(root, 'examples/shop'), '--cluster-cidr', '10.244.0.0/16', '--mode', mode];
    const bundled = await program(made.program, ...args);
    const { stdout } = await program(join(root, 'src/cli/rulewright.ts'), ...args);
    expect([bundled.exitCode, bundled.stdout]).toEqual([0, stdout]);
    expect(stdout.length).toBeGreaterThan(1000);
  });

  it('has the licence of each package that is in it', () => {
    const text = readFileSync(made.licenses, 'utf8');
    expect(made.packages).toEqual(expect.arrayContaining(['@noble/hashes', 'commander', 'yaml']));
    for (const name of made.packages) {
      const [, after = ''] = text.split(`==> ${name} `);
      // The Unlicense gives a work away: there is nothing to be passed on.
      expect(after.split('\n==> ')[0]).toMatch(/permission|licensed under|redistribut|^\S+, Unlicense <==/i);
    }
  });
});
