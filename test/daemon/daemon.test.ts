import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { constantCidr } from '../../src/core/model/cidr.ts';
import { StartError } from '../../src/daemon/start-error.ts';
import { fetchPage } from '../observe/http/fetching.ts';
import { endpoint, ip, service, slice } from '../support/objects.ts';
import { becomesTrue, startForTest } from './support/running.ts';
import { freeAddress } from './support/settings.ts';
import { named, set } from './support/stage.ts';

const thisNode = set({ kind: 'Node', object: { name: 'node-a', addresses: [ip('192.168.0.2')], podCidrs: [] } });
const web = set(...named('web', '10.96.0.1', '10.244.1.1'));

describe('the daemon', () => {
  it('programs what its source says, answers on both addresses, and ends when it is stopped', async () => {
    const [healthz, metrics] = [await freeAddress(), await freeAddress()];
    const running = await startForTest({ settings: { healthzBindAddress: healthz, metricsBindAddress: metrics } });
    const page = async (path: string) => (await fetchPage({ port: metrics.port, path })).body;
    running.sink.changed(web);
    await becomesTrue(() => page('/proxyMode').then((body) => body === 'nftables'));
    expect(await page('/metrics')).toContain('kubeproxy_sync_proxy_rules_service_changes_pending 1');
    expect(await page('/debug/ruleset')).toBe('# IPv4, nftables of values\n# nothing was programmed yet\n');
    running.sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => running.happened.includes('first success'));
    expect(await page('/metrics')).toContain('kubeproxy_sync_proxy_rules_service_changes_pending 0');
    expect(await page('/debug/ruleset')).toContain('10.96.0.1 . tcp . 80');
    expect(await page('/debug/snapshot')).toContain('10.244.1.1');
    expect(await page('/debug/transactions')).toContain('sync 1 (start) IPv4 nftables: applied');
    expect((await fetchPage({ port: healthz.port, path: '/readyz' })).status).toBe(200);
    expect((await fetchPage({ port: healthz.port, path: '/livez' })).status).toBe(200);
    expect((await fetchPage({ port: healthz.port, path: '/healthz' })).status).toBe(503);
    running.sink.changed(thisNode);
    expect((await fetchPage({ port: healthz.port, path: '/healthz' })).status).toBe(200);
    const told = running.lines.map((line) => line.split(' ').slice(1, 3).join(' '));
    expect(told.slice(0, 2)).toEqual(['warn ', 'debug Synced']);
    running.daemon.stop();
    await running.daemon.ended;
    expect(running.happened).toEqual(['first success', 'source stopped']);
    await expect(page('/metrics')).rejects.toThrow('ECONNREFUSED');
  });

  it('is healthy while it waits for objects, not while a change is late, and again when it has caught up', async () => {
    const healthzBindAddress = await freeAddress();
    const syncPeriodMs = 40;
    const { sink, sync, kernel } = await startForTest({ settings: { healthzBindAddress, syncPeriodMs } });
    const status = async () => (await fetchPage({ port: healthzBindAddress.port, path: '/livez' })).status;
    sink.changed(web);
    await sleep(4 * syncPeriodMs);
    await becomesTrue(() => status().then((code) => code === 200));
    kernel.isBroken = true;
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => status().then((code) => code === 503));
    kernel.isBroken = false;
    await becomesTrue(() => status().then((code) => code === 200));
  });

  it('knows of a change as late that came while a transaction was under way', async () => {
    const healthzBindAddress = await freeAddress();
    const { sink, sync, kernel } = await startForTest({ settings: { healthzBindAddress, syncPeriodMs: 100 } });
    const status = async () => (await fetchPage({ port: healthzBindAddress.port, path: '/livez' })).status;
    const underWay: (() => void)[] = [];
    const { apply } = kernel;
    kernel.apply = async (change) => {
      await new Promise<void>((resolve) => underWay.push(resolve));
      return apply(change);
    };
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => underWay.length === 1);
    sink.changed(web);
    underWay[0]?.();
    await becomesTrue(() => underWay.length === 2);
    // The first has ended since, but what this one is about has waited for longer than it may.
    await becomesTrue(() => status().then((code) => code === 503));
    underWay[1]?.();
    await becomesTrue(() => status().then((code) => code === 200));
  });

  it('serves the health checks of load balancers on the addresses that the node has at its start', async () => {
    const { port } = await freeAddress();
    const nodePortAddresses = { kind: 'cidrs', cidrs: [constantCidr('127.0.0.1/32')] } as const;
    const { sink, sync } = await startForTest({ config: { mode: 'iptables', nodePortAddresses } });
    const balanced = service('shop', { externalTrafficPolicy: 'Local', healthCheckNodePort: port });
    const here = slice('shop', [endpoint('10.244.1.1', { nodeName: 'node-a' })]);
    sink.changed(set({ kind: 'Service', object: balanced }, { kind: 'EndpointSlice', object: here }));
    sync('Service', 'EndpointSlice', 'Node');
    const ask = () => fetchPage({ port, path: '/' }).catch(() => undefined);
    await becomesTrue(() => ask().then((answer) => answer?.status === 200));
    expect(JSON.parse((await ask())?.body ?? '')).toMatchObject({ localEndpoints: 1, serviceProxyHealthy: true });
  });

  it('tells the owner of a Service that the kernel refuses', async () => {
    const { sink, sync, kernel, notices } = await startForTest();
    kernel.poison.add('10.244.1.1');
    sink.changed(web);
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => notices.length > 0);
    expect(notices).toEqual([
      { reason: 'RulesRefused', namespace: 'shop', name: 'web', message: expect.stringContaining('poisoned') },
    ]);
  });

  it('waits for podCIDRs where local detection goes by them', async () => {
    const { sink, sync, kernel, lines } = await startForTest({ config: { detectLocal: { mode: 'NodeCIDR' } } });
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => lines.some((line) => line.includes('waiting until Node node-a has podCIDRs')));
    expect(kernel.applied).toEqual([]);
    const node = { name: 'node-a', addresses: [ip('192.168.0.2')], podCidrs: [constantCidr('10.244.1.0/24')] };
    sink.changed(set({ kind: 'Node', object: node }));
    await becomesTrue(() => kernel.applied.length === 1);
  });

  it('shows debug pages on the debug address too, and changes the verbosity there', async () => {
    const [metrics, address] = [await freeAddress(), await freeAddress()];
    const settings = { metricsBindAddress: metrics, enableProfiling: true };
    await startForTest({ settings, debug: { address } });
    for (const { port } of [metrics, address]) {
      await becomesTrue(() =>
        fetchPage({ port, path: '/debug/snapshot' }).then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      const put = { port, path: '/debug/flags/v', method: 'PUT', body: '4' };
      expect((await fetchPage(put)).status).toBe(200);
      expect((await fetchPage({ port, path: '/debug/', headers: { host: 'node-a' } })).status).toBe(200);
      expect((await fetchPage({ port, path: '/debug/', headers: { host: 'rebind.example' } })).status).toBe(403);
    }
  });

  it('ends with what to do when it has to listen and cannot', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void holder.close());
    await once(holder, 'listening');
    const { port } = holder.address() as { readonly port: number };
    const metricsBindAddress = { host: ip('127.0.0.1'), port };
    const { daemon, happened } = await startForTest({ settings: { metricsBindAddress, bindAddressHardFail: true } });
    await expect(daemon.ended).rejects.toThrow(StartError);
    await expect(daemon.ended).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`);
    expect(happened).toEqual(['metrics failed', 'source stopped']);
  });

  it('ends, and leaves nothing running, when its source cannot be started', async () => {
    const metricsBindAddress = await freeAddress();
    const start = (): never => {
      throw new Error('no source');
    };
    const { daemon } = await startForTest({ settings: { metricsBindAddress }, source: { start } });
    await expect(daemon.ended).rejects.toThrow('no source');
    await expect(fetchPage({ port: metricsBindAddress.port, path: '/metrics' })).rejects.toThrow('ECONNREFUSED');
  });
});
