/** The bench as it is run, small, on the real kernel. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { describeKernel } from '../support/kernel/describe.ts';

const script = fileURLToPath(new URL('../../scripts/bench.ts', import.meta.url));

describeKernel('bench', () => {
  it('measures each backend and its baseline', { timeout: 60_000 }, async () => {
    const { stdout } = await execa(process.execPath, [script, 'kernel', '--services', '300', '-o', 'json']);
    const { machine, kernel } = JSON.parse(stdout);
    expect(machine.nft).toMatch(/^\d/);
    expect(kernel.map(({ scenario }: { scenario: object }) => Object.values(scenario).slice(0, 2).join(' '))).toEqual([
      'nftables rulewright',
      'nftables kube-proxy',
      'iptables-legacy rulewright',
      'iptables-nft rulewright',
      'iptables-legacy kube-proxy',
    ]);
    for (const { loadMs, change, connect } of kernel) {
      expect(Math.min(loadMs, change.ms, change.applyMs, connect.firstUs, connect.lastUs)).toBeGreaterThan(0);
    }
  });

  it('leaves neither processes nor namespaces behind when it is interrupted', { timeout: 30_000 }, async () => {
    const args = [script, 'kernel', '--mode', 'nftables', '--services', '30000'];
    const bench = execa(process.execPath, args, { reject: false });
    await new Promise((resolve) => bench.stderr.once('data', resolve));
    const worker = await firstChildOf(bench.pid);
    bench.kill('SIGINT');
    expect((await bench).exitCode).toBe(130);
    expect(() => process.kill(Number(worker), 0)).toThrow('ESRCH');
  });
});

async function firstChildOf(pid: number | undefined): Promise<string> {
  for (;;) {
    const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    if (child !== '') return child;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
