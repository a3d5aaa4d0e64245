/** nft and the iptables tools fail, crash, are killed midway, hang and talk nonsense: in the end all is right. */
import { expect, it } from 'vitest';
import { describeKernel } from '../support/kernel/describe.ts';
import { makeFaultyTools, type ToolFault } from './stage/faulty-tools.ts';
import { modes } from './stage/proxy.ts';
import { seededRandom, tell, withScene } from './stage/scene.ts';

/** RULEWRIGHT_FAULTS=100 makes it the full run, with programs that hang until they are given up, after 40 s each. */
const faults = Number(process.env['RULEWRIGHT_FAULTS'] ?? 12);
const kinds: readonly ToolFault[] = ['fail', 'crash', 'die-after', 'half', 'garble', 'slow'];
const hangs = Math.floor(faults / 50);

describeKernel('tools that fail', () => {
  it.each(modes)('leave everything right in the end, in mode %s', { timeout: 900_000 }, async (mode) => {
    const tools = await makeFaultyTools();
    await withScene({ mode, tools: tools.folder }, async ({ installation, kernel, churn, startTraffic }) => {
      const { seed, random } = seededRandom();
      const proxy = installation.start();
      await kernel.settled();
      const traffic = await startTraffic();
      const plan = Array.from({ length: faults }, () => (random.chance(0.3) ? 'pass' : random.pick(kinds)));
      await tools.plan('writes', [...plan, ...Array.from({ length: hangs }, () => 'hang' as const)]);
      await tools.plan('reads', [...plan].reverse().slice(0, 4));
      while ((await tools.left()) > 4) await churn(random, 5, 20);
      await tools.forget();
      const settledMs = await kernel.settled();
      const { counts, faults: wrong } = await traffic.end({
        atLeast: { held: 200, echoes: faults * 20, owed: faults * 4 },
        programmingMs: 60_000 + hangs * 60_000,
      });
      tell(`tools that fail, ${mode}`, { seed, faults, hangs, settledMs, ...counts });
      expect(wrong).toEqual([]);
      expect(proxy.log()).toMatch(/memory|stopped/);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    }).finally(tools.remove);
  });

  it('make the program unhealthy after twice the sync period, and healthy again', { timeout: 120_000 }, async () => {
    const tools = await makeFaultyTools();
    const over = { nftables: { minSyncPeriod: '0s', syncPeriod: '1s' } };
    await withScene(
      { mode: 'nftables', tools: tools.folder, over },
      async ({ cluster, installation, kernel, churn }) => {
        const proxy = installation.start();
        await kernel.settled();
        const statusOf = async (path: string): Promise<number> => (await proxy.page(path)).status;
        expect(await statusOf('/healthz')).toBe(200);
        await tools.plan(
          'writes',
          Array.from({ length: 200 }, () => 'fail' as const),
        );
        await churn(seededRandom().random, 3, 100);
        await expect.poll(() => statusOf('/healthz'), { timeout: 30_000 }).toBe(503);
        expect(await statusOf('/livez')).toBe(503);
        for (const path of ['/metrics', '/debug/snapshot', '/debug/ruleset', '/debug/transactions', '/configz']) {
          expect(await statusOf(path)).toBe(200);
        }
        await tools.forget();
        await kernel.settled();
        await expect.poll(() => statusOf('/healthz'), { timeout: 30_000 }).toBe(200);
        expect(cluster.server.requests.length).toBeGreaterThan(0);
        expect(await proxy.kill('SIGTERM')).toBe(0);
      },
    ).finally(tools.remove);
  });
});
