import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findIn } from '../../../src/core/structures/shards.ts';
import {
  askedForAll,
  createHastyClock,
  isSynced,
  messages,
  rawService,
  services,
  useApiServers,
  wentOn,
} from '../harness.ts';

const { serve, watch } = useApiServers();

describe('a server in trouble', () => {
  it.each([429, 500, 503])('that answers %i is left alone for as long as it asks', async (code) => {
    const server = await serve();
    const clock = createHastyClock();
    server.fault({ fault: { does: 'status', code, retryAfter: '7', message: 'too busy' }, kind: 'Service' });
    const recorder = watch(server, { clock });
    await recorder.until(isSynced(recorder));
    expect(clock.waits).toEqual([7350]);
    expect(messages(recorder)).toContainEqual(
      `services: the API server answers ${code}: too busy; trying again in 7.3 s`,
    );
  });

  it('is asked with growing distance, and the failure is told with growing distance', async () => {
    const server = await serve();
    const clock = createHastyClock();
    server.fault({ fault: { does: 'status', code: 500 }, kind: 'Service', times: 9 });
    const recorder = watch(server, { clock });
    await recorder.until(isSynced(recorder));
    expect(clock.waits).toEqual([375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500, 22_500]);
    const failures = messages(recorder).filter((message) => message.includes('answers 500'));
    expect(failures).toHaveLength(4);
    expect(failures[3]).toContain('(8 times)');
    expect(messages(recorder)).toContainEqual(expect.stringContaining('in touch again after 9 failures'));
  });

  it('that does not let us in is asked again with fresh credentials', async () => {
    const server = await serve({ accepts: { token: 'nobody has it' } });
    const recorder = watch(server);
    await recorder.until(() => recorder.said.filter(({ severity }) => severity === 'error').length > 3);
    expect(messages(recorder)).toContainEqual(
      'nodes: the API server answers 401: Unauthorized; check the token, certificate or exec plugin of the ' +
        'kubeconfig or service account; trying again',
    );
    expect(recorder.synced).toEqual([]);
    delete server.accepts.token;
    await recorder.until(isSynced(recorder));
  });

  it('that forbids is explained by verb and resource', async () => {
    const server = await serve();
    server.fault({ fault: { does: 'status', code: 403, reason: 'Forbidden' }, kind: 'EndpointSlice', times: 2 });
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(messages(recorder)).toContainEqual(
      'endpointslices.discovery.k8s.io: the API server answers 403: endpointslices is forbidden: User ' +
        '"system:serviceaccount:default:nobody" cannot list resource "endpointslices" in API group ' +
        '"discovery.k8s.io" at the cluster scope; grant the verb list on endpointslices.discovery.k8s.io to this ' +
        'user (RBAC: ClusterRole and ClusterRoleBinding); trying again in 0.4 s',
    );
  });

  it('that is away is named, and found when it is back', async () => {
    const server = await serve();
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    await server.goDown();
    await recorder.until(() => messages(recorder).some((message) => /^services: .*connection refused/.test(message)));
    server.set(rawService('web', '10.96.0.1'));
    await server.comeBack();
    await recorder.until(() => services(recorder).length === 1);
    expect(askedForAll(server, 'Service')).toBe(1);
    await recorder.until(() => messages(recorder).some((message) => message.includes('services: in touch again')));
  });

  it('that hangs is given up', async () => {
    const server = await serve();
    server.fault({ fault: { does: 'hang' }, kind: 'Service', times: 2 });
    const recorder = watch(server, { timing: { answerMs: 150 } });
    await recorder.until(isSynced(recorder));
    expect(messages(recorder)).toContainEqual(expect.stringContaining('no answer within 0.1 s'));
    // What has answered may stay open for longer.
    await wait(300);
    expect(wentOn(server, 'Service')).toBe(0);
  });

  it('that falls silent is left for a new watch, the second time for everything anew', async () => {
    const server = await serve();
    const timing = { quietAfterBookmarkMs: 150 };
    server.fault({ fault: { does: 'go-silent', afterLines: 0 }, kind: 'Service', initial: false, times: 2 });
    const recorder = watch(server, { timing });
    await recorder.until(isSynced(recorder));
    await recorder.until(() => askedForAll(server, 'Service') >= 2);
    expect(wentOn(server, 'Service')).toBeGreaterThanOrEqual(1);
    expect(messages(recorder)).toContainEqual(expect.stringContaining('services: nothing came for 0.1 s'));
  });

  it('that falls silent now and then, but not always, is not asked for everything', async () => {
    const server = await serve();
    const fault = { does: 'go-silent', afterLines: 1 } as const;
    server.fault({ fault, kind: 'Service', initial: false, times: 3 });
    const recorder = watch(server, { timing: { quietAfterBookmarkMs: 150 } });
    await recorder.until(isSynced(recorder));
    server.cut();
    await recorder.until(() => {
      server.sendBookmarks();
      return wentOn(server, 'Service') >= 4;
    });
    expect(askedForAll(server, 'Service')).toBe(1);
  });

  it.each(['refused', 'awaited'] as const)(
    'that comes back with older data is believed (%s)',
    async (futureVersions) => {
      const server = await serve({ futureVersions });
      server.set(rawService('old', '10.96.0.1'));
      const state = server.save();
      const recorder = watch(server, { timing: { quietAfterBookmarkMs: 150 } });
      await recorder.until(isSynced(recorder));
      server.set(rawService('new', '10.96.0.2'));
      server.set(rawService('old', '10.96.0.3'));
      await recorder.until(() => findIn(recorder.snapshot().services, 'shop/old')?.clusterIps.IPv4 === '10.96.0.3');
      await server.goDown();
      server.restore(state);
      // It has the version that another content of it had before.
      expect(server.set(rawService('new', '10.96.0.4'))).toBe(state.version + 1);
      await server.comeBack();
      await recorder.until(() => findIn(recorder.snapshot().services, 'shop/new')?.clusterIps.IPv4 === '10.96.0.4');
      expect(findIn(recorder.snapshot().services, 'shop/old')?.clusterIps.IPv4).toBe('10.96.0.1');
    },
  );

  it('that comes back with older data and waits for the version is believed by its bookmarks', async () => {
    const server = await serve({ futureVersions: 'awaited' });
    const state = server.save();
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    for (let index = 1; index < 9; index += 1) server.set(rawService('gone', `10.96.0.${index}`));
    await recorder.until(() => recorder.changes.length >= 1);
    await server.goDown();
    server.restore(state);
    await server.comeBack();
    await recorder.until(() => wentOn(server, 'Service') === 1);
    server.sendBookmarks();
    await recorder.until(() => services(recorder).length === 0);
  });
});
