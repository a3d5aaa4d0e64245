import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chooseMode } from '../../scripts/quickstart-lib/choose-mode.ts';
import type { Wishes } from '../../scripts/quickstart-lib/options.ts';

const wishes: Wishes = { mode: undefined, iptables: 'nft', layout: 'fast', keep: false, json: false };
let folder: string;

// A machine with nothing in PATH but these.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rw-choose-mode-'));
  vi.stubEnv('PATH', folder);
  writeFileSync(join(folder, 'unshare'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function fakeNft(version: string): void {
  writeFileSync(join(folder, 'nft'), `#!/bin/sh\necho 'nftables v${version} (x)'\n`, { mode: 0o755 });
}

test('nftables where nft has all that it takes', async () => {
  fakeNft('1.0.6');
  const { options, remark } = await chooseMode(wishes, ['IPv4'], undefined);
  expect(options.mode).toBe('nftables');
  expect(remark).toBeUndefined();
});

test('else iptables, with the reason', async () => {
  fakeNft('0.9.8');
  const { options, remark } = await chooseMode(wishes, ['IPv4'], undefined);
  expect(options.mode).toBe('iptables');
  expect(remark).toBe('Not nftables mode, the default: nft 0.9.8 is too old: nftables mode needs nft 1.0.1.');
});

test('whoever asks for nftables and cannot have it is told what to do', async () => {
  const chosen = chooseMode({ ...wishes, mode: 'nftables' }, ['IPv4'], undefined);
  await expect(chosen).rejects.toThrow(
    /^nftables mode is not possible: there is no nft in PATH\n {2}install nftables .*, or use --proxy-mode iptables$/,
  );
});

test('whoever asks for iptables gets it, and nothing is tried', async () => {
  const { options, remark } = await chooseMode({ ...wishes, mode: 'iptables' }, ['IPv4'], undefined);
  expect([options.mode, remark]).toEqual(['iptables', undefined]);
});
