/**
 * Random changes to the cluster while clients talk: no established connection is lost, whoever calls a Service that has
 * an endpoint is answered by one of its endpoints, and in the end the kernel has exactly what the cluster says.
 *
 * RULEWRIGHT_CHANGES=1000 makes it the full run, RULEWRIGHT_SEED another history. Allowed is one thing: that the first
 * packet of a new connection gets lost and is sent again by its sender (`repeated`), as can happen before kernel 6.17
 * while nft commits.
 */
import { expect, it } from 'vitest';
import { describeKernel } from '../support/kernel/describe.ts';
import { token } from './stage/cluster.ts';
import { readPages } from './stage/pages.ts';
import { modes } from './stage/proxy.ts';
import { seededRandom, tell, withScene } from './stage/scene.ts';

const changes = Number(process.env['RULEWRIGHT_CHANGES'] ?? 150);
const changesPerSecond = 40;
const timeout = 120_000 + (changes / changesPerSecond) * 4000;

describeKernel('traffic while the cluster changes', () => {
  it.each(modes)('goes on, in mode %s', { timeout }, async (mode) => {
    await withScene({ mode }, async ({ installation, kernel, churn, startTraffic }) => {
      const { seed, random } = seededRandom();
      const proxy = installation.start();
      await kernel.settled();
      const traffic = await startTraffic();
      const pages = readPages(proxy);
      const residentMb = proxy.memoryMb('VmRSS');
      await churn(random, changes, changesPerSecond);
      const settledMs = await kernel.settled();
      const { counts, faults } = await traffic.end({ atLeast: { held: 200, echoes: changes * 10, owed: changes * 4 } });
      const { read, wrong } = await pages.end();
      const grownMb = proxy.memoryMb('VmRSS') - residentMb;
      tell(`churn, ${mode}`, { seed, changes, settledMs, ...counts, pages: read, residentMb, grownMb });
      expect(faults).toEqual([]);
      expect(counts.repeated).toBeLessThanOrEqual(counts.owed / 50);
      expect(wrong).toEqual([]);
      expect(read).toBeGreaterThan(10);
      expect(grownMb).toBeLessThan(60);
      expect(await proxy.kill('SIGTERM')).toBe(0);
      expect(proxy.log()).toContain('Every Service is programmed');
      expect(proxy.log()).not.toContain(token);
    });
  });
});
