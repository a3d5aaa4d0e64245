import { describe, expect, it } from 'vitest';
import { findIn } from '../../src/core/structures/shards.ts';
import {
  askedForAll,
  connect,
  createHastyClock,
  follow,
  isSynced,
  messages,
  rawNode,
  rawService,
  rawServiceCidr,
  rawSlice,
  services,
  useApiServers,
} from './harness.ts';

const { serve, watch } = useApiServers();

describe('what there is and what changes', () => {
  it.each(['streamed', 'refused', 'ignored'] as const)('arrives when initial events are %s', async (initialEvents) => {
    const server = await serve({ initialEvents });
    server.set(rawService('web', '10.96.0.1'));
    server.set(rawSlice('web', ['10.244.0.1', '10.244.0.2']));
    server.set(rawNode('node-a', '192.168.0.2'));
    server.set(rawNode('node-b', '192.168.0.3'));
    server.set(rawServiceCidr('kubernetes', '10.96.0.0/16'));
    const recorder = watch(server, { timing: { quietMs: initialEvents === 'ignored' ? 100 : 10_000 } });
    await recorder.until(isSynced(recorder));
    const { slices, nodes, serviceCidrs } = recorder.snapshot();
    expect(services(recorder)).toEqual(['shop/web']);
    expect(findIn(slices, 'shop/web')?.get('shop/web-a')?.endpoints).toHaveLength(2);
    expect([...nodes.keys()]).toEqual(['node-a']);
    expect([...serviceCidrs.keys()]).toEqual(['kubernetes']);

    server.set(rawService('api', '10.96.0.2'));
    server.delete('Service', 'shop/web');
    await recorder.until(() => services(recorder).join() === 'shop/api');
  });

  it('is for proxies: objects that get the label of others go, and come back without it', async () => {
    const server = await serve();
    server.set(rawService('web', '10.96.0.1'));
    server.set(rawService('other', '10.96.0.2', { 'service.kubernetes.io/service-proxy-name': 'mine' }));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(services(recorder)).toEqual(['shop/web']);
    server.set(rawService('web', '10.96.0.1', { 'service.kubernetes.io/service-proxy-name': 'mine' }));
    await recorder.until(() => services(recorder).length === 0);
    server.set(rawService('web', '10.96.0.1', { 'service.kubernetes.io/headless': '' }));
    await recorder.until(() => services(recorder).length === 1);
  });

  it('leaves out what reads as nothing, and takes it back when it becomes so', async () => {
    const server = await serve();
    const headless = { ...rawService('web', 'None'), spec: { clusterIP: 'None', clusterIPs: ['None'] } };
    server.set(headless);
    server.set(rawService('api', '10.96.0.2'));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(recorder.changes.map(({ event }) => event.type)).toEqual(['set']);
    server.set(rawService('web', '10.96.0.1'));
    await recorder.until(() => services(recorder).length === 2);
    server.set(headless);
    await recorder.until(() => services(recorder).join() === 'shop/api');
    server.delete('Service', 'shop/web');
    server.delete('Service', 'shop/api');
    await recorder.until(() => services(recorder).length === 0);
    const deletes = recorder.changes.flatMap(({ event }) => (event.type === 'delete' ? [event.key] : []));
    expect(deletes).toEqual(['shop/web', 'shop/api']);
  });

  it('says what is wrong with an object, and takes it back', async () => {
    const server = await serve();
    server.set(rawService('web', '10.96.0.999'));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(recorder.diagnostics.get('Service shop/web')?.map(({ code }) => code)).toContain('address-invalid');
    server.set(rawService('web', '10.96.0.9'));
    await recorder.until(() => recorder.diagnostics.size === 0 && services(recorder).length === 1);
    server.set(rawService('web', '10.96.0.999'));
    await recorder.until(() => recorder.diagnostics.size === 1 && services(recorder).length === 0);
    server.delete('Service', 'shop/web');
    await recorder.until(() => recorder.diagnostics.size === 0);
  });

  it('says when the change of pods was, unless that was before we came', async () => {
    const server = await serve();
    const name = 'endpoints.kubernetes.io/last-change-trigger-time';
    server.set(rawSlice('web', ['10.244.0.1'], { [name]: '2001-11-23T04:56:37Z' }));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    server.set(rawSlice('web', ['10.244.0.2'], { [name]: '2999-11-23T04:56:37Z' }));
    server.set(rawSlice('web', ['10.244.0.3'], { [name]: 'yesterday' }));
    await recorder.until(() => recorder.changes.length === 3);
    const times = recorder.changes.map(({ triggeredAtMs }) => triggeredAtMs);
    expect(times).toEqual([undefined, Date.UTC(2999, 10, 23, 4, 56, 37), undefined]);
  });

  it('comes in one batch when it comes in one piece', async () => {
    const server = await serve();
    for (let index = 1; index <= 60; index += 1) server.set(rawService(`s-${index}`, `10.96.0.${index}`));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(recorder.batches.length).toBeLessThan(4);
    expect(recorder.changes).toHaveLength(60);
  });

  it('is told once: after a new list only what changed or went', async () => {
    const server = await serve();
    for (const name of ['a', 'b', 'c']) server.set(rawService(name, '10.96.0.1'));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    await server.goDown();
    server.set(rawService('b', '10.96.0.2'));
    server.delete('Service', 'shop/c');
    server.compact();
    await server.comeBack();
    await recorder.until(() => services(recorder).join() === 'shop/a,shop/b');
    expect(askedForAll(server, 'Service')).toBe(2);
    expect(recorder.changes).toHaveLength(5);
    expect(recorder.synced).toHaveLength(4);
  });
});

describe('ServiceCIDRs', () => {
  it('are none in a cluster without them, until there are', async () => {
    const server = await serve({ lacks: ['ServiceCIDR'] });
    const clock = createHastyClock();
    const recorder = watch(server, { clock, timing: { lookAgainMs: 2000 } });
    await recorder.until(isSynced(recorder));
    await recorder.until(() => clock.waits.length === 3);
    server.set(rawServiceCidr('kubernetes', '10.96.0.0/16'));
    server.lacks.clear();
    await recorder.until(() => recorder.snapshot().serviceCidrs.size === 1);
    const said = messages(recorder).filter((message) => message.includes('going on without'));
    expect(said).toEqual([
      'servicecidrs.networking.k8s.io: the API server answers 404: 404 page not found; it does not serve ' +
        'servicecidrs.networking.k8s.io; going on without them, looking again every 2.0 s',
    ]);
  });

  it('go when the cluster stops to have them', async () => {
    const server = await serve();
    server.set(rawServiceCidr('kubernetes', '10.96.0.0/16'));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    server.lacks.add('ServiceCIDR');
    server.cut();
    await recorder.until(() => recorder.snapshot().serviceCidrs.size === 0);
  });

  it('that may not be read are kept, and do not hold up the rest', async () => {
    const server = await serve();
    server.set(rawServiceCidr('kubernetes', '10.96.0.0/16'));
    const forbidden = { does: 'status', code: 403, reason: 'Forbidden' } as const;
    server.fault({ fault: forbidden, kind: 'ServiceCIDR', times: 2 });
    const recorder = watch(server, { timing: { lookAgainMs: 2000 } });
    await recorder.until(isSynced(recorder));
    expect(messages(recorder)).toContainEqual(expect.stringContaining('grant the verb list on servicecidrs'));
    await recorder.until(() => recorder.snapshot().serviceCidrs.size === 1);
  });
});

describe('the end', () => {
  it.each(['watching', 'waiting for an answer', 'waiting to try again'])('is prompt while %s', async (when) => {
    const server = await serve();
    if (when === 'waiting for an answer') server.fault({ fault: { does: 'hang' }, times: 4 });
    if (when === 'waiting to try again')
      server.fault({ fault: { does: 'status', code: 500, retryAfter: '60' }, times: 4 });
    const { stop, ...recorder } = follow(connect(server));
    await recorder.until(() => server.requests.length === 4);
    if (when === 'watching') await recorder.until(isSynced(recorder));
    if (when === 'waiting to try again') await recorder.until(() => recorder.said.length === 8);
    await stop();
    const said = recorder.said.length;
    server.set(rawService('late', '10.96.0.1'));
    await recorder.until(() => server.openConnections() === 0);
    expect(recorder.said).toHaveLength(said);
    expect(recorder.changes).toEqual([]);
  });
});
