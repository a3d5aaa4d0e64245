/** What users see beside connections: health checks of load balancers, and UDP clients whose endpoint goes away. */
import { expect, it } from 'vitest';
import { describeKernel } from '../support/kernel/describe.ts';
import { nodeAddress, podAddress } from './stage/network.ts';
import { ports } from './stage/proxy.ts';
import { withScene } from './stage/scene.ts';
import { clusterIp, healthPort, newService, type ShopService } from './stage/shop.ts';

describeKernel('a node under way', () => {
  it('answers health checks, and lets no UDP client hang', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ stage, cluster, installation, kernel }) => {
      const proxy = installation.start();
      await kernel.settled();

      const checked = { ...newService(2), externalPolicy: 'Local' } as const;
      const check = async () => {
        const url = `http://${nodeAddress}:${healthPort(2)}/`;
        const answer = await stage
          .agent('outside')
          .order('fetch', { url })
          .catch(() => undefined);
        return answer && [answer.status, (JSON.parse(answer.body) as { localEndpoints: number }).localEndpoints];
      };
      const soon = { timeout: 20_000 };
      cluster.put({
        ...checked,
        endpoints: new Map([
          [1, 'ready'],
          [2, 'ready'],
          [5, 'ready'],
        ]),
      });
      await expect.poll(check, soon).toEqual([200, 2]);
      cluster.put({
        ...checked,
        endpoints: new Map([
          [1, 'terminating'],
          [5, 'ready'],
        ]),
      });
      await expect.poll(check, soon).toEqual([503, 0]);
      cluster.put({ ...checked, exists: false });
      await expect.poll(check, soon).toBeUndefined();
      const healthz = { url: `http://${nodeAddress}:${ports.healthz}/healthz` };
      expect((await stage.agent('outside').order('fetch', healthz)).status).toBe(200);

      for (const family of ['IPv4', 'IPv6'] as const) {
        // From one and the same port all the time: each question keeps the flow alive that it belongs to.
        const target = { name: 'udp', protocol: 'UDP', address: clusterIp(0, family), port: 53 } as const;
        const ask = () => stage.agent('pod-1').order('askFrom', { target, sourcePort: 40_000, waitMs: 200 });
        const at = (...pods: readonly number[]): ShopService => ({
          ...newService(0),
          endpoints: new Map(pods.map((pod) => [pod, 'ready'])),
        });
        for (const pod of [3, 4]) {
          cluster.put(at(pod));
          await expect.poll(ask, soon).toBe(podAddress(pod, family));
        }
        cluster.put(at());
        await expect.poll(ask, soon).toBe('');
        cluster.put(at(5));
        await expect.poll(ask, soon).toBe(podAddress(5, family));
      }
      expect(proxy.log()).toContain('Stale UDP flows were ended');
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });
});
