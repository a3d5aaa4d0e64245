import { describe, expect, it } from 'vitest';
import {
  askedForAll,
  createHastyClock,
  isSynced,
  messages,
  rawNode,
  rawService,
  services,
  useApiServers,
  wentOn,
} from '../harness.ts';

const { serve, watch } = useApiServers();

describe('watches', () => {
  it('that the server ends go on at once from where they were', async () => {
    const server = await serve({ watchMs: 50 });
    const clock = createHastyClock();
    const recorder = watch(server, { clock, timing: { shortWatchMs: 10 } });
    await recorder.until(isSynced(recorder));
    await recorder.until(() => wentOn(server, 'Service') >= 3);
    expect(askedForAll(server, 'Service')).toBe(1);
    expect(clock.waits).toEqual([]);
  });

  it('that end at once are not asked for in a loop', async () => {
    const server = await serve();
    const clock = createHastyClock();
    server.fault({ fault: { does: 'end', afterLines: 0 }, verb: 'watch', kind: 'Node', initial: false, times: 5 });
    const recorder = watch(server, { clock });
    await recorder.until(isSynced(recorder));
    server.cut();
    await recorder.until(() => wentOn(server, 'Node') > 5);
    expect(messages(recorder)).toContainEqual(expect.stringContaining('ends the watch at once'));
  });

  it('that are cut are not waited for longer each time, as long as something comes', async () => {
    const server = await serve();
    const clock = createHastyClock();
    server.fault({ fault: { does: 'cut', afterLines: 1 }, verb: 'watch', kind: 'Node', initial: false, times: 3 });
    const recorder = watch(server, { clock });
    await recorder.until(isSynced(recorder));
    clock.waits.length = 0;
    server.cut();
    await recorder.until(() => {
      server.sendBookmarks();
      return wentOn(server, 'Node') === 4;
    });
    expect(new Set(clock.waits)).toEqual(new Set([375]));
  });

  it('ask the server to end them, each a little differently', async () => {
    const server = await serve();
    let random = 0;
    const clock = {
      ...createHastyClock(),
      random: () => {
        random = (random + 0.1) % 1;
        return random;
      },
    };
    const recorder = watch(server, { clock });
    await recorder.until(isSynced(recorder));
    const seconds = server.requests.map(({ query }) => Number(query.get('timeoutSeconds')));
    expect(new Set(seconds).size).toBe(4);
    for (const each of seconds) expect(each).toSatisfy((value: number) => value >= 300 && value <= 600);
  });

  it.each([
    { what: 'an ERROR event', fault: undefined },
    { what: 'an HTTP status', fault: { does: 'status', code: 410, reason: 'Expired' } },
  ] as const)('from a version that is gone (410 as $what) start over', async ({ fault }) => {
    const server = await serve();
    server.set(rawService('old', '10.96.0.1'));
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    await server.goDown();
    server.delete('Service', 'shop/old');
    server.set(rawService('new', '10.96.0.1'));
    if (fault === undefined) server.compact();
    else server.fault({ fault, verb: 'watch', kind: 'Service' });
    await server.comeBack();
    await recorder.until(() => services(recorder).join() === 'shop/new');
    expect(askedForAll(server, 'Service')).toBe(2);
  });

  it('go on after bookmarks, which keep an idle one from growing too old', async () => {
    const server = await serve();
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    server.set(rawNode('node-b', '192.168.0.3'));
    server.compact();
    server.sendBookmarks();
    server.set(rawNode('node-a', '192.168.0.2'));
    await recorder.until(() => recorder.snapshot().nodes.size === 1);
    server.cut();
    await recorder.until(() => wentOn(server, 'Service') === 1);
    server.set(rawService('web', '10.96.0.1'));
    await recorder.until(() => services(recorder).length === 1);
    expect(askedForAll(server, 'Service')).toBe(1);
  });

  it.each([
    { does: 'cut', afterLines: 1 },
    { does: 'say', text: '{"type":"ADDED","obj', afterLines: 1 },
    { does: 'say', text: '{"type":"NEWS","object":{"metadata":{"resourceVersion":"1"}}}', afterLines: 1 },
    { does: 'say', text: 'null', afterLines: 1 },
    { does: 'trickle', pieceBytes: 40, everyMs: 1 },
  ] as const)('survive $does in the middle of the objects there are', async (fault) => {
    const server = await serve();
    for (const name of ['a', 'b', 'c']) server.set(rawService(name, '10.96.0.1'));
    server.fault({ fault, verb: 'watch', kind: 'Service' });
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(services(recorder)).toEqual(['shop/a', 'shop/b', 'shop/c']);
  });

  it.each([
    { does: 'cut', afterLines: 1 },
    { does: 'say', text: 'garbage', afterLines: 1 },
    { does: 'trickle', pieceBytes: 40, everyMs: 1 },
  ] as const)('survive $does in the middle of changes, without asking for all again', async (fault) => {
    const server = await serve();
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    server.fault({ fault, verb: 'watch', kind: 'Service', initial: false });
    server.cut();
    await recorder.until(() => wentOn(server, 'Service') === 1);
    for (const name of ['a', 'b', 'c']) server.set(rawService(name, '10.96.0.1'));
    await recorder.until(() => services(recorder).length === 3);
    expect(askedForAll(server, 'Service')).toBe(1);
  });

  it('take huge lines', async () => {
    const server = await serve();
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    const service = rawService('web', '10.96.0.1');
    const annotations = { huge: 'é'.repeat(1_000_000) };
    server.set({ ...service, metadata: { ...service.metadata, annotations } });
    await recorder.until(() => services(recorder).length === 1);
  });
});
