/** `--config` of the commands that compile: kube-proxy's own file shapes the rules. */
import { describe, expect, it } from 'vitest';
import { documentWith } from '../../configuration/examples.ts';
import { node, shop } from '../manifests.ts';
import { folderWith, rulewright } from '../run.ts';

function run(fields: Readonly<Record<string, unknown>>, ...args: readonly string[]) {
  const files = { 'shop.yaml': `${shop}---\n${node('node-1', '192.168.0.1')}`, 'config.conf': documentWith(fields) };
  return rulewright([...args, '--config', 'config.conf'], { cwd: folderWith(files) });
}

const compile = ['compile', '-f', 'shop.yaml'];

describe('rulewright compile --config', () => {
  it('gives the rules that the flags would give', async () => {
    const fields = {
      mode: 'nftables',
      clusterCIDR: '10.244.0.0/16',
      'nftables.masqueradeBit': 3,
      hostnameOverride: 'node-1',
    };
    const flags = ['--proxy-mode=nftables', '--cluster-cidr=10.244.0.0/16', '--iptables-masquerade-bit=3'];
    const cwd = folderWith({ 'shop.yaml': `${shop}---\n${node('node-1', '192.168.0.1')}` });
    const byFlags = await rulewright([...compile, ...flags, '--hostname-override=node-1'], { cwd });
    expect(byFlags.stdout).toContain('0x00000008');
    expect(await run(fields, ...compile)).toEqual(byFlags);
  });

  it('goes before the flags of kube-proxy, and says so', async () => {
    const { exitCode, stdout, stderr } = await run(
      { clusterCIDR: '10.1.0.0/16' },
      ...compile,
      '--cluster-cidr',
      '10.2.0.0/16',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('! -s 10.1.0.0/16');
    expect(stderr).toMatch(/^warning: Flag --cluster-cidr: it is ignored because there is --config/);
  });

  it("does not go before rulewright's own", async () => {
    const { stdout, stderr } = await run({ mode: 'iptables' }, ...compile, '--mode', 'nftables');
    expect([stdout.slice(0, stdout.indexOf('\n')), stderr]).toEqual([expect.stringContaining('nft -f'), '']);
  });

  it('with an error compiles nothing, and shows the place', async () => {
    const { exitCode, stdout, stderr } = await run({ mode: 'ipvs', modus: 1 }, ...compile);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^error: KubeProxyConfiguration config\.conf: mode: the text "ipvs" is not valid here \[field-invalid\]\n/,
    );
    expect(stderr).toContain('--> config.conf:4:11\n');
    expect(stderr).toMatch(/\n2 errors; nothing was compiled\n$/);
  });

  it('that is not there compiles nothing', async () => {
    const ended = await rulewright([...compile, '--config', 'no.conf'], { cwd: folderWith({ 'shop.yaml': shop }) });
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(/^error: File no\.conf: there is no such file or directory \[input-unreadable\]\n/);
  });
});

it('rulewright diff --config compares rules of the mode that the file says', async () => {
  const files = {
    'old.yaml': shop,
    'new.yaml': shop.replace('10.244.1.5', '10.244.1.6'),
    'config.conf': documentWith({ mode: 'nftables' }),
  };
  const ended = await rulewright(['diff', 'old.yaml', 'new.yaml', '--config', 'config.conf'], {
    cwd: folderWith(files),
  });
  expect([ended.exitCode, ended.stdout]).toEqual([
    0,
    expect.stringContaining('add element ip rulewright tcp-endpoints'),
  ]);
});

it('rulewright verify --config proves rules of the mode that the file says', async () => {
  const { exitCode, stdout } = await run({ mode: 'nftables' }, 'verify', '-f', 'shop.yaml');
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^proven: the IPv4 nftables rules match /)]);
});
