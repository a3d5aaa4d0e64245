import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

// What scripts/quickstart starts once the machine is set up.
const program = fileURLToPath(new URL('../../scripts/quickstart-lib/main.ts', import.meta.url));

const canConnect = process.getuid?.() === 0 && !process.env['RULEWRIGHT_NO_KERNEL'];

interface Summary {
  readonly held: boolean;
  readonly connected: boolean;
  readonly failed: readonly string[];
  readonly expectations: number;
  readonly connections: number;
  readonly mode: string;
  readonly change: {
    readonly transaction: { readonly IPv4: string; readonly IPv6?: string };
  };
  readonly timesMs: { readonly change: number };
}

const root = fileURLToPath(new URL('../../', import.meta.url));

function quickstart(...args: string[]) {
  return quickstartWith({}, ...args);
}

function quickstartWith(env: Readonly<Record<string, string>>, ...args: string[]) {
  const options = { reject: false, timeout: 55_000, env: { NO_COLOR: '1', ...env } } as const;
  return execa(process.execPath, [program, ...args], options);
}

/** Everything that a run of this process id could leave behind: namespaces, temporary folders, processes. */
function leftBehind(pid: number | undefined): string[] {
  const mark = new RegExp(`(?:^|/)rw-(kept-)?quickstart-${pid}-`);
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const processes = readdirSync('/proc').filter((entry) => {
    const words = /^\d+$/.test(entry) ? commandLine(entry) : [];
    return words.some((word) => mark.test(word));
  });
  return [...namespaces, ...readdirSync(tmpdir())].filter((name) => mark.test(name)).concat(processes);
}

function pidFiles(pid: number | undefined): string[] {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`rw-quickstart-${pid}-`));
  return folders.map((name) => join(tmpdir(), name, 'daemon.pid')).filter((path) => existsSync(path));
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

describe.runIf(canConnect)('as root', () => {
  // What is sent, less what the lines are about.
  const variants = [
    { args: [], mode: 'nftables', verbs: ['delete', 'delete', 'add', 'add'] },
    { args: ['--iptables', 'nft'], mode: 'iptables', verbs: ['*nat', ':', '-A', '-A', '-A', 'COMMIT'] },
    {
      args: ['--mode', 'iptables', '--iptables', 'legacy', '--layout', 'kube-proxy'],
      mode: 'iptables',
      verbs: ['*nat', ':', ':', '-A', '-A', '-A', '-X', 'COMMIT'],
    },
  ];

  test.each(variants)('every expectation holds: $args', async ({ args, mode, verbs }) => {
    const run = quickstart(...args, '-o', 'json');
    const { stdout, stderr, exitCode } = await run;
    expect(stderr).toBe('');
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.failed).toEqual([]);
    expect(summary).toMatchObject({ held: true, connected: true, mode });
    expect(exitCode).toBe(0);
    expect(summary.expectations).toBeGreaterThan(150);
    expect(summary.connections).toBeGreaterThan(5_000);
    const { IPv4, IPv6 } = summary.change.transaction;
    expect(IPv4).toContain('10.96.1.10');
    expect(IPv4).not.toContain('10.244.2.11');
    expect(IPv6).toBeUndefined();
    const lines = IPv4.split('\n').filter((line) => !line.startsWith('#'));
    expect(lines.map((line) => /^:|^\S+/.exec(line)?.[0])).toEqual(verbs);
    expect(summary.timesMs.change).toBeGreaterThan(0);
    expect(leftBehind(run.pid)).toEqual([]);
  });

  // Before the network stands, and while connections are being made.
  test.each(['Compiling the shop', 'storefront'])('Ctrl-C after "%s" leaves nothing', async (text) => {
    const run = quickstart();
    await untilSays(run, text);
    run.kill('SIGINT');
    const { exitCode, stderr, stdout } = await run;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('interrupted (SIGINT)');
    expect(stdout).not.toContain('expectations held');
    expect(leftBehind(run.pid)).toEqual([]);
  });

  test('what a killed run leaves, the next one removes', async () => {
    const killed = quickstart();
    await untilSays(killed, 'A separate test network');
    killed.kill('SIGKILL');
    await killed;
    expect(leftBehind(killed.pid)).not.toEqual([]);
    const next = quickstart();
    await untilSays(next, 'namespaces left behind by a killed run');
    expect(leftBehind(killed.pid)).toEqual([]);
    next.kill('SIGINT');
    await next;
  });

  test('Ctrl-C while the daemon starts leaves nothing', async () => {
    const run = quickstart();
    await expect.poll(() => pidFiles(run.pid), { timeout: 30_000 }).toHaveLength(1);
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(130);
    expect(leftBehind(run.pid)).toEqual([]);
  });

  test('--keep leaves a network that carries connections and a daemon, and --remove removes both', async () => {
    const run = quickstart('--keep');
    const { stdout, exitCode } = await run;
    expect(exitCode).toBe(0);
    const node = /ip netns exec (\S+-shop-node) nft list ruleset/.exec(stdout)?.[1] ?? '';
    const fetch = "fetch('http://10.96.1.10/').then((r) => r.json()).then((answer) => console.log(answer.pod))";
    const asked = await execa('ip', ['netns', 'exec', node, process.execPath, '-e', fetch], { timeout: 10_000 });
    expect(asked.stdout).toMatch(/^catalog-[13]$/);
    const [, folder = ''] = /edit the files in (\S+)/.exec(stdout) ?? [];
    const [, ask = ''] = /ask the daemon +(.+)/.exec(stdout) ?? [];
    const answer = async (): Promise<string> => (await execa('sh', ['-c', ask])).stdout;
    expect(await answer()).toContain('one of 2 endpoints');
    copyFileSync(join(root, 'examples/shop/catalog.yaml'), join(folder, 'catalog.yaml'));
    await expect.poll(answer, { timeout: 10_000 }).toContain('one of 3 endpoints');
    await quickstart('--remove', String(run.pid));
    await expect.poll(() => leftBehind(run.pid), { timeout: 10_000 }).toEqual([]);
  });

  test('a daemon that does not come up is shown by its last words', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rw-no-daemon-'));
    // Everything works but `rulewright run`.
    const ip = `#!/bin/sh
case "$*" in *rulewright.js\\ run*) echo 'no room left' >&2; exit 3 ;; esac
PATH=\${PATH#*:}
exec ip "$@"
`;
    writeFileSync(join(folder, 'ip'), ip, { mode: 0o755 });
    const run = quickstartWith({ PATH: `${folder}:${process.env['PATH']}` });
    const { stderr, exitCode } = await run;
    rmSync(folder, { recursive: true });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('rulewright run did not program the Services: it ended (3)');
    expect(stderr).toContain("The end of the daemon's log:\n  no room left");
    expect(leftBehind(run.pid)).toEqual([]);
  });
});

test('where connecting is impossible it compiles, says why, and succeeds', async () => {
  const env = { NO_COLOR: '1', RULEWRIGHT_NO_KERNEL_REASON: 'not root' };
  const { stdout, exitCode } = await execa(process.execPath, [program], { env, timeout: 30_000 });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Not nftables mode, the default: cannot test whether it is possible: not root.');
  expect(stdout).toMatch(/IPv4 {2}nat \d+ rules in \d+ chains/);
  expect(stdout).toContain('No connections were made: not root. They need root, because');
});

test('nftables mode can be compiled where nothing can be tried', async () => {
  const env = { NO_COLOR: '1', RULEWRIGHT_NO_KERNEL_REASON: 'not root' };
  const { stdout, exitCode } = await execa(process.execPath, [program, '--mode', 'nftables'], { env, timeout: 30_000 });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/IPv4 {2}rulewright \d+ rules in \d+ chains, \d+ elements in sets and maps/);
});

test.each([
  [['--iptables', 'new'], "--iptables is one of nft, legacy, not 'new'"],
  [['--mode', 'ipvs'], "--mode is one of nftables, iptables, not 'ipvs'"],
  [['--mode', 'nftables', '--layout', 'fast'], '--layout is for iptables mode'],
])('what is wrong with %j is named', async (args, message) => {
  const { stderr, exitCode } = await quickstart(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

/** Waits until the program has printed this. */
function untilSays(run: ReturnType<typeof quickstart>, text: string): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    run.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(text)) resolve();
    });
    run.stdout.on('end', () => reject(new Error(`it never said "${text}": ${said}`)));
  });
}
