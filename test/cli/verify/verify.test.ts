/** `rulewright verify` as a process: verdicts, exit codes, dumps. */
import { describe, expect, it } from 'vitest';
import { node, service, shop, slice } from '../manifests.ts';
import { folderWith, rulewright } from '../run.ts';

const files = { 'x.yaml': `${shop}---\n${node('node-1', '192.168.0.2')}` };

/** The rules of the shop with something done to the text, as a dump on standard input. */
async function verifyDump(mode: 'iptables' | 'nftables', spoil: (rules: string) => string, ...args: readonly string[]) {
  const cwd = folderWith(files);
  const { stdout } = await rulewright(['compile', '-f', 'x.yaml', '--mode', mode, '--ip-family', 'ipv4'], { cwd });
  return rulewright(['verify', '-f', 'x.yaml', '--dump', '-', ...args], { cwd, stdin: spoil(stdout) });
}

describe('rulewright verify', () => {
  it('proves what it compiles, in every mode and layout, and says what is the same', async () => {
    const ended = await rulewright(['verify', '-f', 'x.yaml', '--all-backends'], { cwd: folderWith(files) });
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    expect(
      ended.stdout.match(/^proven: IPv[46], (iptables|nftables) rules of .*classes hold all packets/gm),
    ).toHaveLength(6);
    expect(ended.stdout).toContain('same: IPv4, iptables and iptables-kube-proxy ask for the same');
    expect(ended.stdout).toContain('by design: IPv4, iptables and nftables differ');
  });

  it.each(['iptables', 'nftables'] as const)('proves a dump of %s rules', async (mode) => {
    const { exitCode, stdout, stderr } = await verifyDump(mode, (rules) => rules);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(`^proven: IPv4, ${mode} rules of <stdin> do what the Services say; \\d+ classes`),
    );
  });

  it.each([
    ['iptables', (rules: string) => rules.replaceAll('10.244.1.5:8080', '10.244.1.6:8080')],
    ['nftables', (rules: string) => rules.replaceAll('10.244.1.5 . 8080', '10.244.1.6 . 8080')],
  ] as const)('shows a packet that a wrong dump of %s rules sends elsewhere', async (mode, spoil) => {
    const { exitCode, stdout } = await verifyDump(mode, spoil);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('different: shop/web:http: tcp 203.0.113.1 -> 10.96.0.10:80, in by eth0');
    expect(stdout).toMatch(/expected {2}10\.244\.1\.5:8080\n {2}found {5}10\.244\.1\.6:8080\n/);
    expect(stdout).toContain('rulewright explain 203.0.113.1 10.96.0.10:80 --proto tcp --interface eth0 -f x.yaml');
    expect(stdout).toMatch(/^not proven: IPv4, .* differ; \d+ classes hold all packets/m);
  });

  it('never calls proven what it does not understand', async () => {
    const opaque = await verifyDump('iptables', (rules) =>
      rules.replace('-A KUBE-SERVICES -d 10.96.0.10/32', '-A KUBE-SERVICES -m time --timestart 10:00 -d 10.96.0.10/32'),
    );
    expect(opaque.exitCode).toBe(1);
    expect(opaque.stdout).toMatch(/^not understood: table nat, chain KUBE-SERVICES, rule 1: .*--timestart 10:00/m);
    const unread = await verifyDump('iptables', (rules) => rules.replace('*filter\n', '*filter\nwhat is this\n'));
    expect([unread.exitCode, unread.stdout.includes('1 line was not read')]).toEqual([1, true]);
  });

  it('tells programs the same, exactly', async () => {
    const { exitCode, stdout } = await verifyDump(
      'iptables',
      (rules) => rules.replaceAll('10.244.1.5:8080', '10.244.1.6:8080'),
      '-o',
      'json',
    );
    expect(exitCode).toBe(1);
    const [proof] = JSON.parse(stdout).proofs;
    expect(proof).toMatchObject({ family: 'IPv4', mode: 'iptables', proven: false, outcome: 'different' });
    expect(proof.differences[0]).toMatchObject({
      servicePort: 'shop/web:http',
      expected: [{ kind: 'dnat', endpoint: '10.244.1.5:8080', masquerade: false, fraction: '1/1', probability: 1 }],
      found: [{ kind: 'dnat', endpoint: '10.244.1.6:8080', masquerade: false, fraction: '1/1', probability: 1 }],
    });
  });

  it('labels what is known of kube-proxy, and lets that pass where it is asked to', async () => {
    const external = service('web', '10.96.0.10').replace(
      '  clusterIP:',
      '  externalIPs: [198.51.100.9]\n  clusterIP:',
    );
    const cwd = folderWith({ 'x.yaml': external });
    const { stdout: rules } = await rulewright(['compile', '-f', 'x.yaml'], { cwd });
    const stdin = rules.replace(/-A KUBE-SERVICES -j KUBE-EXTERNAL-SERVICES\n/, '');
    const args = ['verify', '-f', 'x.yaml', '--dump', '-'];
    const strict = await rulewright(args, { cwd, stdin });
    expect(strict.exitCode).toBe(1);
    expect(strict.stdout).toContain("known     kube-proxy's iptables mode lets this node's own packets");
    expect(strict.stdout).toContain('all of them as kube-proxy is known to differ');
    expect((await rulewright([...args, '--accept-deviations'], { cwd, stdin })).exitCode).toBe(0);
  });

  it('reports what is wrong with the input, and ends with 1 even where the rest is proven', async () => {
    const cwd = folderWith({ 'x.yaml': `${shop}---\n${slice('web', '10.244.1.999').replace('web-1', 'web-2')}` });
    const { exitCode, stdout, stderr } = await rulewright(['verify', '-f', 'x.yaml'], { cwd });
    expect([exitCode, stdout.startsWith('proven:')]).toEqual([1, true]);
    expect(stderr).toContain('10.244.1.999');
  });

  it.each<[readonly string[], RegExp]>([
    [['verify'], /^error: --filename: nothing given/],
    [['verify', '-f', '-', '--dump', '-'], /^error: --dump: got - \(stdin\), which --filename reads already\n$/],
    [
      ['verify', '-f', 'x', '--against', 'ipvs'],
      /^error: --against: got 'ipvs', want iptables, iptables-kube-proxy or/,
    ],
    [['verify', '-f', 'x', '--dump', 'gone', '--all-backends'], /^error: --dump: a dump is held against the Services/],
  ])('%j is wrong usage', async (args, message) => {
    const { exitCode, stdout, stderr } = await rulewright(args, { cwd: folderWith(files) });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('verifies nothing when the dump is none, or of the other mode or family', async () => {
    const cwd = folderWith({
      ...files,
      dump: 'hello\n',
      rules: '*nat\n:PREROUTING ACCEPT\n-A PREROUTING -d 10.0.0.1/32 -j ACCEPT\nCOMMIT\n',
    });
    const none = await rulewright(['verify', '-f', 'x.yaml', '--dump', 'dump'], { cwd });
    expect([none.exitCode, none.stdout, none.stderr.includes('[dump-unknown]')]).toEqual([1, '', true]);
    const mode = await rulewright(['verify', '-f', 'x.yaml', '--dump', 'rules', '--mode', 'nftables'], { cwd });
    expect([mode.exitCode, mode.stderr]).toEqual([
      2,
      "error: --mode: got 'nftables', but the dump is one of iptables\n",
    ]);
    const family = await rulewright(['verify', '-f', 'x.yaml', '--dump', 'rules', '--ip-family', 'ipv6'], { cwd });
    expect([family.exitCode, family.stderr.includes('the dump holds no rules of IPv6')]).toEqual([1, true]);
  });
});
