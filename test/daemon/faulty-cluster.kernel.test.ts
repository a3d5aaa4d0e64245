/** An API server that goes away, comes back, cuts, forgets and refuses: traffic goes on, and no change is missed. */
import { expect, it } from 'vitest';
import { describeKernel } from '../support/kernel/describe.ts';
import type { ShopCluster } from './stage/cluster.ts';
import { token } from './stage/cluster.ts';
import { seededRandom, tell, withScene } from './stage/scene.ts';

type Trouble = readonly [name: string, cause: (cluster: ShopCluster) => void];

const troubles: readonly Trouble[] = [
  ['connections are cut', ({ server }) => server.cut()],
  [
    'a watch is cut in the middle of a line',
    ({ server }) => {
      server.fault({ verb: 'watch', fault: { does: 'cut', afterLines: 1 }, times: 4 });
      server.cut();
    },
  ],
  [
    'versions are forgotten: 410',
    ({ server }) => {
      server.fault({
        verb: 'watch',
        initial: false,
        fault: { does: 'status', code: 410, reason: 'Expired' },
        times: 4,
      });
      server.cut();
    },
  ],
  [
    'history is compacted: 410 as an event',
    ({ server }) => {
      server.cut();
      server.compact();
    },
  ],
  [
    'it is busy: 429 and 500',
    ({ server }) => {
      server.fault({ fault: { does: 'status', code: 429, retryAfter: '1' }, times: 3 });
      server.fault({ fault: { does: 'status', code: 500 }, times: 3 });
      server.cut();
    },
  ],
  [
    'its answers come in small pieces',
    ({ server }) => {
      server.fault({ fault: { does: 'trickle', pieceBytes: 400, everyMs: 5 }, times: 8 });
      server.cut();
    },
  ],
];

describeKernel('an API server in trouble', () => {
  it('is followed all the same, and traffic goes on', { timeout: 300_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ cluster, installation, kernel, churn, startTraffic }) => {
      const { random } = seededRandom();
      const proxy = installation.start();
      await kernel.settled();
      const traffic = await startTraffic();
      const times: Record<string, number> = {};
      for (const [name, cause] of troubles) {
        cause(cluster);
        await churn(random, 5, 20);
        times[name] = await kernel.settled();
        cluster.server.clearFaults();
      }
      await cluster.server.goDown();
      await churn(random, 5, 20);
      expect((await proxy.page('/healthz')).status).toBe(200);
      expect((await proxy.page('/debug/snapshot')).status).toBe(200);
      await cluster.server.comeBack();
      times['it was down'] = await kernel.settled();
      const { counts, faults } = await traffic.end({
        atLeast: { held: 200, echoes: 1000, owed: 200 },
        programmingMs: 60_000,
      });
      tell('an API server in trouble, ms', { ...times, ...counts });
      expect(faults).toEqual([]);
      expect(proxy.log()).not.toContain(token);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });
});
