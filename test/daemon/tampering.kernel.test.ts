/** Rules that others take away are back soon, with traffic going on, and what belongs to others is left alone. */
import { expect, it } from 'vitest';
import type { Namespace } from '../../scripts/lab/network/tools.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { type Mode, modes, type RunningProxy } from './stage/proxy.ts';
import { tell, withScene } from './stage/scene.ts';
import { tamperings } from './stage/tampering.ts';

/**
 * The aim is one second, and five on legacy, where the kernel tells nobody. A machine that runs other things as well is
 * given more.
 */
const longestMs: Readonly<Record<Mode, number>> = { nftables: 5000, 'iptables-nft': 5000, 'iptables-legacy': 15_000 };

/** Tables and chains of somebody else, beside ours. */
const foreign = `
table inet others { chain input { type filter hook input priority 5; ip saddr 198.51.100.7 drop; }; }
table ip others { map ports { type inet_service : verdict; elements = { 7 : drop }; }; }
`;

async function foreignRules({ exec }: Namespace): Promise<string> {
  const tables = await Promise.all(['inet', 'ip'].map((family) => exec('nft', ['list', 'table', family, 'others'])));
  return tables.join('');
}

async function countRepairs(proxy: RunningProxy): Promise<number> {
  const { body } = await proxy.page('/metrics');
  const values = [...body.matchAll(/^rulewright_drift_repairs_total\{[^}]*\} (\d+)$/gm)].map(([, value]) =>
    Number(value),
  );
  return values.reduce((sum, value) => sum + value, 0);
}

describeKernel('rules that others take away', () => {
  it.each(modes)('are back soon, in mode %s', { timeout: 240_000 }, async (mode) => {
    await withScene({ mode }, async ({ stage: { node }, installation, kernel, startTraffic }) => {
      const proxy = installation.start();
      await kernel.settled();
      const traffic = await startTraffic({ heldEach: 0 });
      const times: Record<string, number> = {};
      for (const { name, run } of tamperings(mode)) {
        await node.exec('nft', ['-f', '-'], { input: foreign });
        const before = await foreignRules(node);
        const repairs = await countRepairs(proxy);
        await run(node);
        const startedAt = performance.now();
        await kernel.settled();
        times[name] = performance.now() - startedAt;
        await expect.poll(() => countRepairs(proxy), { timeout: 10_000 }).toBeGreaterThan(repairs);
        if (name !== 'the whole ruleset is flushed') expect(await foreignRules(node)).toBe(before);
        await node.exec('nft', ['delete table inet others; delete table ip others;']).catch(() => undefined);
      }
      const { counts } = await traffic.end({ atLeast: { held: 0, echoes: 0, owed: 1 } });
      tell(`rules are back, ms, ${mode}`, { ...times, attempts: counts.attempts });
      expect(counts.owed).toBeGreaterThan(100);
      expect(Object.entries(times).filter(([, ms]) => ms > longestMs[mode])).toEqual([]);
      expect(proxy.log()).toMatch(/lost/);
      // The last one left rules of its own in the tables that we share.
      if (mode !== 'nftables') {
        const saved = await node.save(mode === 'iptables-nft' ? 'nft' : 'legacy', 'IPv4');
        expect(saved.match(/^-A OUTPUT -j OTHERS$/gm)).toHaveLength(2);
        expect(saved.match(/^-A OTHERS -s 198.51.100.7\/32 -j RETURN$/gm)).toHaveLength(2);
      }
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });
});
