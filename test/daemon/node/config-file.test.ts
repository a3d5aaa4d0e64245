import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followConfigFile } from '../../../src/daemon/node/config-file.ts';
import { memoryLog } from '../../observe/logs/memory.ts';

/** A folder as the kubelet mounts a ConfigMap: `config.conf` -> `..data/config.conf`, `..data` -> a version. */
async function mountForTest() {
  const folder = await mkdtemp(join(tmpdir(), 'rulewright-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'config.conf');
  const swap = async (version: string, text: string): Promise<void> => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'config.conf'), text);
    await symlink(version, join(folder, '..tmp'));
    await rename(join(folder, '..tmp'), join(folder, '..data'));
  };
  await swap('..1', 'mode: nftables\n');
  await symlink('..data/config.conf', path);
  const { log, lines } = memoryLog();
  const values: boolean[] = [];
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const metrics = { observeConfigFile: (differs: boolean) => void values.push(differs) };
  followConfigFile(
    { name: path, text: 'mode: nftables\n', index: 0 },
    { log, metrics, signal: ending.signal, everyMs: 50 },
  );
  return { path, swap, lines, values };
}

describe('the file of --config', () => {
  it('is followed through the links of a ConfigMap, and told of once each time', async () => {
    const { swap, lines, values } = await mountForTest();
    await swap('..2', 'mode: nftables\n');
    await swap('..3', 'mode: iptables\n');
    await expect.poll(() => values).toEqual([false, true]);
    await swap('..4', 'mode: iptables # again\n');
    await swap('..5', 'mode: nftables\n');
    await expect.poll(() => values).toEqual([false, true, false]);
    expect(lines.map((line) => line.split(' ').slice(1, 10).join(' '))).toEqual([
      'warn  The configuration file has changed: the configuration',
      'info  The configuration file is as it was',
    ]);
    expect(lines[0]).toContain('restart to apply the file');
  });

  it('is told of when it is written in place, or gone', async () => {
    const { path, lines, values } = await mountForTest();
    await writeFile(path, 'mode: iptables\n');
    await expect.poll(() => values).toEqual([false, true]);
    await writeFile(path, 'mode: nftables\n');
    await expect.poll(() => values).toEqual([false, true, false]);
    await unlink(path);
    await expect.poll(() => values).toEqual([false, true, false, true]);
    expect(lines.at(-1)).toContain('cannot be read');
  });
});
