import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
  readonly change: { readonly rules: readonly string[] };
}

function quickstart(...args: string[]) {
  return execa(process.execPath, [program, ...args], { reject: false, timeout: 55_000, env: { NO_COLOR: '1' } });
}

/** Everything that a run of this process id could leave behind: namespaces, temporary folders, processes. */
function leftBehind(pid: number | undefined): string[] {
  const mark = new RegExp(`^rw-(kept-)?quickstart-${pid}-`);
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const agents = readdirSync('/proc').filter((entry) => {
    const words = /^\d+$/.test(entry) ? commandLine(entry) : [];
    return words.some((word) => mark.test(word));
  });
  return [...namespaces, ...readdirSync(tmpdir())].filter((name) => mark.test(name)).concat(agents);
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

describe.runIf(canConnect)('as root', () => {
  const variants = [
    { iptables: 'nft', layout: 'fast' },
    { iptables: 'legacy', layout: 'kube-proxy' },
  ];

  test.each(variants)('every expectation holds: $iptables, $layout', async ({ iptables, layout }) => {
    const run = quickstart('--iptables', iptables, '--layout', layout, '-o', 'json');
    const { stdout, stderr, exitCode } = await run;
    expect(stderr).toBe('');
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.failed).toEqual([]);
    expect(summary).toMatchObject({ held: true, connected: true });
    expect(exitCode).toBe(0);
    expect(summary.expectations).toBeGreaterThan(150);
    expect(summary.connections).toBeGreaterThan(5_000);
    expect(summary.change.rules.join('\n')).toContain('--to-destination 10.244.2.11:8080');
    expect(leftBehind(run.pid)).toEqual([]);
  });

  // Before the network stands, and while connections are being made.
  test.each(['The shop becomes rules', 'storefront'])('Ctrl-C after "%s" leaves nothing', async (text) => {
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
    await untilSays(killed, 'A network of its own');
    killed.kill('SIGKILL');
    await killed;
    expect(leftBehind(killed.pid)).not.toEqual([]);
    const { stdout, exitCode } = await quickstart();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('namespaces that a killed run had left');
    expect(leftBehind(killed.pid)).toEqual([]);
  });

  test('--keep leaves a network that carries connections, and --remove removes it', async () => {
    const run = quickstart('--keep');
    const { stdout, exitCode } = await run;
    expect(exitCode).toBe(0);
    const node = /ip netns exec (\S+-shop-node) iptables-save/.exec(stdout)?.[1] ?? '';
    const fetch = "fetch('http://10.96.1.10/').then((r) => r.json()).then((answer) => console.log(answer.pod))";
    const asked = await execa('ip', ['netns', 'exec', node, process.execPath, '-e', fetch], { timeout: 10_000 });
    expect(asked.stdout).toMatch(/^catalog-[13]$/);
    await quickstart('--remove', String(run.pid));
    await expect.poll(() => leftBehind(run.pid), { timeout: 10_000 }).toEqual([]);
  });
});

test('where connecting is impossible it compiles, says why, and succeeds', async () => {
  const env = { NO_COLOR: '1', RULEWRIGHT_NO_KERNEL_REASON: 'not root' };
  const { stdout, exitCode } = await execa(process.execPath, [program], { env, timeout: 30_000 });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/IPv4 {2}nat \d+ rules in \d+ chains/);
  expect(stdout).toContain('No connections were made: not root. Making them takes root, because');
});

test('a wrong option is named', async () => {
  const { stderr, exitCode } = await quickstart('--iptables', 'new');
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--iptables is one of nft, legacy, not 'new'");
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
