import { describe, expect, it } from 'vitest';
import { rulewright } from './run.ts';

const kubeProxyFlags = [
  '--cluster-cidr',
  '--detect-local-mode',
  '--pod-bridge-interface',
  '--pod-interface-name-prefix',
  '--masquerade-all',
  '--nodeport-addresses',
  '--iptables-localhost-nodeports',
  '--iptables-masquerade-bit',
  '--hostname-override',
  '--conntrack-tcp-be-liberal',
  '--proxy-mode',
];

describe('help', () => {
  const commands = ['compile', 'diff', 'plan', 'explain', 'verify', 'run', 'cleanup', 'version'];
  it.each([[['--help']], [['help']], [['help', 'compile']], ...commands.map((name) => [[name, '-h']])])(
    'of %j teaches: examples and exit codes, on standard output',
    async (args) => {
      const { exitCode, stdout, stderr } = await rulewright(args);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: rulewright/);
      expect(stdout).toContain('\nExamples:\n');
      expect(stdout).toMatch(/\nExit codes:\n {2}0 .*\n {2}1 .*\n(?: {6}.*\n)* {2}2 .*\n/);
    },
  );

  it("of compile names each of kube-proxy's flags", async () => {
    const { stdout } = await rulewright(['compile', '-h']);
    expect(kubeProxyFlags.filter((flag) => !stdout.includes(`  ${flag} `))).toEqual([]);
  });

  it('comes on standard error, as wrong usage, when there is no command', async () => {
    const { exitCode, stdout, stderr } = await rulewright([]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: rulewright/);
  });

  it('fits 100 columns where there is no terminal', async () => {
    const outputs = await Promise.all(
      [[], ...commands.map((name) => [name])].map((args) => rulewright([...args, '-h'])),
    );
    const lines = outputs.flatMap(({ stdout }) => stdout.split('\n'));
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it.each([[['version']], [['run', '--version']]])('%j is what --version is', async (args) => {
    expect((await rulewright(args)).stdout).toBe((await rulewright(['--version'])).stdout);
  });

  it('--version is a line', async () => {
    expect(await rulewright(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^rulewright \d+\.\d+\.\d+\S*\n$/),
    });
  });
});

describe('wrong usage', () => {
  it.each<[readonly string[], string]>([
    [['compil'], "error: unknown command 'compil' (did you mean compile?)\n"],
    [['compile', '-f', 'x', '--layot', 'fast'], "error: unknown option '--layot' (did you mean --layout?)\n"],
    [['run', '--mode', 'iptables'], "error: unknown option '--mode' (did you mean --proxy-mode?)\n"],
    [['run', '-f', 'x'], "error: unknown option '-f' (did you mean --manifests?)\n"],
    [['run', '--node-name', 'x'], "error: unknown option '--node-name' (did you mean --hostname-override?)\n"],
    [['explain', 'a', 'b', '--proxy', 'x'], "error: unknown option '--proxy' (did you mean --proxy-mode?)\n"],
    [['compile', '--master', 'x'], "error: unknown option '--master'\n"],
    [['compile', '--layout'], "error: option '--layout <fast|kube-proxy>' argument missing\n"],
    [
      ['compile', 'shop.yaml'],
      "error: too many arguments for 'compile'. Expected 0 arguments but got 1: shop.yaml. (files are named with -f)\n",
    ],
    [['diff', 'a', 'b', 'c'], "error: too many arguments for 'diff'. Expected 2 arguments but got 3: a, b, c.\n"],
    [['compile', '--masquerade-all', '--x\u001b[2J\ny'], "error: unknown option '--x\\u{1b}[2J\\ny'\n"],
    [['compile', '-f', 'x', '--masquerade-all=maybe'], "error: --masquerade-all: got 'maybe', want true or false\n"],
  ])('%j is one line and exit code 2', async (args, stderr) => {
    expect(await rulewright(args)).toEqual({ exitCode: 2, stdout: '', stderr });
  });
});
