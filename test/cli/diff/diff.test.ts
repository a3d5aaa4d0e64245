/** `rulewright diff` and nftables mode as processes: what goes to which stream, and the exit code. */
import { describe, expect, it } from 'vitest';
import { badPort, dualStack, service, shop, slice } from '../manifests.ts';
import { folderWith, rulewright } from '../run.ts';

const grown = `${shop}---\n${slice('web', '10.244.1.6').replace('name: web-', 'name: more-web-')}`;

/** Compares `old.yaml` and `new.yaml` in a folder of their own. */
function diff(files: { readonly old: string; readonly wanted: string }, ...args: readonly string[]) {
  const cwd = folderWith({ 'old.yaml': files.old, 'new.yaml': files.wanted });
  return rulewright(['diff', 'old.yaml', 'new.yaml', ...args], { cwd });
}

describe('rulewright diff', () => {
  it('prints nothing where nothing changes', async () => {
    for (const mode of ['iptables', 'nftables']) {
      expect(await diff({ old: shop, wanted: shop }, '--mode', mode)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    }
  });

  it('prints what iptables-restore --noflush is to be sent', async () => {
    const { exitCode, stdout, stderr } = await diff({ old: shop, wanted: grown });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^# rulewright \S+: iptables-restore --noflush input for IPv4\n\*nat\n/);
    expect(stdout).toContain('--to-destination 10.244.1.6:8080');
    expect(stdout).not.toContain('KUBE-POSTROUTING');
  });

  it('prints what nft -f is to be sent', async () => {
    const { exitCode, stdout, stderr } = await diff({ old: shop, wanted: grown }, '--mode', 'nftables');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^# rulewright \S+: nft -f input for IPv4\n/);
    expect(stdout).toContain('add element ip rulewright tcp-endpoints { 10.96.0.10 . 80 . 1 : 10.244.1.6 . 8080 }');
    expect(stdout).not.toContain('table ip rulewright {');
  });

  it('tells machines how much changes', async () => {
    const { stdout } = await diff({ old: shop, wanted: grown }, '--mode', 'nftables', '-o', 'json');
    const { families } = JSON.parse(stdout);
    expect(families.IPv4).toMatchObject({
      mode: 'nftables',
      summary: { elements: { added: 2, changed: 1, removed: 0 } },
    });
    expect(families.IPv6).toMatchObject({ text: '' });
  });

  it('reports what is wrong with either input, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await diff({ old: shop, wanted: `${grown}---\n${badPort}` });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('new.yaml:');
    expect(stderr).toMatch(/1 error; IPv4: chains \+1 ~1, jumps 0/);
    expect(stdout).toContain('10.244.1.6');
  });

  it('compares nothing when an input cannot be read', async () => {
    const ended = await rulewright(['diff', 'old.yaml', 'gone.yaml'], { cwd: folderWith({ 'old.yaml': shop }) });
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain('nothing was compared');
  });

  it('names its inputs as its usage does', async () => {
    const both = await rulewright(['diff', '-', '-']);
    expect([both.exitCode, both.stdout]).toEqual([2, '']);
    expect(both.stderr).toBe('error: OLD, NEW: got - (stdin) more than once, want it at most once\n');
    const gone = await rulewright(['diff', 'gone.yaml', 'gone.yaml']);
    expect(gone.stderr).toContain('help: check the path\n');
  });

  it('ends with 2 when an input is not named', async () => {
    const ended = await rulewright(['diff', 'old.yaml'], { cwd: folderWith({ 'old.yaml': shop }) });
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(/^error: missing required argument 'new'\n$/);
  });
});

describe('rulewright compile --mode nftables', () => {
  it('prints both families as one script', async () => {
    const cwd = folderWith({ 'x.yaml': `${shop}---\n${dualStack}` });
    const { exitCode, stdout, stderr } = await rulewright(['compile', '-f', 'x.yaml', '--mode', 'nftables'], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain('family-left-out');
    expect(stdout).toContain('\ntable ip rulewright {\n');
    expect(stdout).toContain('\ntable ip6 rulewright {\n');
  });

  it('says when NodePorts would answer nowhere, as no address of the node is known', async () => {
    const nodePort = service('web', '10.96.0.10')
      .replace('  ports:', '  type: NodePort\n  ports:')
      .replace('port: 80', 'port: 80\n      nodePort: 30080');
    const cwd = folderWith({ 'x.yaml': nodePort });
    const args = ['compile', '-f', 'x.yaml', '--mode', 'nftables', '--ip-family', 'ipv4'];
    expect((await rulewright(args, { cwd })).stderr).toContain('[node-address-unknown]');
    expect((await rulewright([...args, '--node-ip', '192.168.0.2'], { cwd })).stderr).toBe('');
  });
});
