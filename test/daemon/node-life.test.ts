import { describe, expect, it } from 'vitest';
import { constantCidr } from '../../src/core/model/cidr.ts';
import type { DaemonOptions } from '../../src/daemon/daemon.ts';
import { StartError } from '../../src/daemon/start-error.ts';
import { fetchPage } from '../observe/http/fetching.ts';
import { ip } from '../support/objects.ts';
import { becomesTrue, startForTest } from './support/running.ts';
import { freeAddress } from './support/settings.ts';
import { named, set } from './support/stage.ts';

const thisNode = set({ kind: 'Node', object: { name: 'node-a', addresses: [ip('192.168.0.2')], podCidrs: [] } });
const web = set(...named('web', '10.96.0.1', '10.244.1.1'));

describe('the daemon', () => {
  it('is not ready before every Service stands, and goes on being so when one is refused', async () => {
    const healthzBindAddress = await freeAddress();
    const { sink, sync, kernel, notices } = await startForTest({ settings: { healthzBindAddress } });
    const page = async (path: string) => {
      const { status, body } = await fetchPage({ port: healthzBindAddress.port, path });
      return `${status} ${body}`;
    };
    const waiting = '503 {"ready":false,"reasons":["not yet known: all objects of kind Service, EndpointSlice, Node"]}';
    await becomesTrue(() => page('/readyz').then((answer) => answer === waiting));
    expect(await page('/livez')).toMatch(/^200 /);
    expect(await page('/healthz')).toMatch(/^503 .*"nodeEligible":false,"healthy":true/);
    kernel.isBroken = true;
    sink.changed(web);
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() =>
      page('/readyz').then((answer) => answer.startsWith('503 {"ready":false,"reasons":["IPv4:')),
    );
    kernel.isBroken = false;
    await becomesTrue(() => page('/readyz').then((answer) => answer === '200 {"ready":true,"reasons":[]}'));
    kernel.poison.add('10.244.9.9');
    sink.changed(set(...named('bad', '10.96.0.9', '10.244.9.9')));
    await becomesTrue(() => notices.length > 0);
    expect(await page('/readyz')).toMatch(/^200 /);
  });

  it('keeps what it knows of its Node when that is deleted, and says it once', async () => {
    const healthzBindAddress = await freeAddress();
    const { sink, sync, kernel, lines } = await startForTest({ settings: { healthzBindAddress } });
    const status = async () => (await fetchPage({ port: healthzBindAddress.port, path: '/healthz' })).status;
    sink.changed([...web, ...thisNode]);
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => kernel.applied.length === 1);
    const gone = [{ event: { type: 'delete', kind: 'Node', key: 'node-a' } }] as const;
    sink.changed(gone);
    sink.changed(gone);
    sink.changed(set(...named('api', '10.96.0.2', '10.244.1.2')));
    await becomesTrue(() => kernel.applied.length === 2);
    expect(kernel.applied[1]).not.toContain('192.168.0.2');
    expect(lines.filter((line) => line.includes('was deleted'))).toHaveLength(1);
    expect(await status()).toBe(200);
  });

  it('waits for the lock of the node, not ready and without a word to the kernel', async () => {
    const healthzBindAddress = await freeAddress();
    let release = (): void => undefined;
    const takeLock: DaemonOptions['takeLock'] = async ({ onHeld }) => {
      onHeld('another rulewright (pid 7)');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { release: () => Promise.resolve() };
    };
    const { sync, kernel, happened, lines } = await startForTest({ settings: { healthzBindAddress }, takeLock });
    const page = async () => (await fetchPage({ port: healthzBindAddress.port, path: '/readyz' })).body;
    const reason = 'another rulewright (pid 7) keeps the rules of this node';
    await becomesTrue(() => page().then((body) => body === JSON.stringify({ ready: false, reasons: [reason] })));
    expect(lines.join()).toContain('Waiting for the lock of this node holder="another rulewright (pid 7)"');
    expect(kernel.applied).toEqual([]);
    release();
    await becomesTrue(() => page().then((body) => body.includes('not yet known')));
    sync('Service', 'EndpointSlice', 'Node');
    await becomesTrue(() => happened.includes('first success'));
  });

  it('is stopped at once while it waits for the lock', async () => {
    const takeLock: DaemonOptions['takeLock'] = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const { daemon, kernel } = await startForTest({ takeLock });
    daemon.stop();
    await daemon.ended;
    expect(kernel.applied).toEqual([]);
  });

  it('ends when the lock is not to be had', async () => {
    const takeLock = () => Promise.reject(new StartError('held'));
    const { daemon } = await startForTest({ takeLock });
    await expect(daemon.ended).rejects.toThrow('held');
  });

  it('ends when the podCIDRs are of the wrong family alone', async () => {
    const { daemon, sink } = await startForTest({ config: { detectLocal: { mode: 'NodeCIDR' } } });
    const podCidrs = [constantCidr('fd00:1::/64')];
    sink.changed(set({ kind: 'Node', object: { name: 'node-a', addresses: [ip('192.168.0.2')], podCidrs } }));
    await expect(daemon.ended).rejects.toThrow('podCIDRs fd00:1::/64 of Node node-a have no IPv4 block');
  });
});
