import { describe, expect, it } from 'vitest';
import { isSynced, messages, rawService, services, useApiServers } from '../harness.ts';

const { serve, watch } = useApiServers();

describe('lists', () => {
  it('come in pages, also when there are more than one holds', async () => {
    const server = await serve({ initialEvents: 'refused' });
    for (let index = 0; index < 1201; index += 1) {
      server.set(rawService(`s-${index}`, `10.96.${index >> 8}.${index & 255}`));
    }
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(services(recorder)).toHaveLength(1201);
    const lists = server.requests.filter(({ kind, verb }) => kind === 'Service' && verb === 'list');
    expect(lists.map(({ query }) => query.get('limit'))).toEqual(['500', '500', '500']);
  });

  it('are asked for at once where a bookmark comes before the end of the stream', async () => {
    const server = await serve({ initialEvents: 'ignored' });
    const recorder = watch(server);
    await recorder.until(() => {
      server.sendBookmarks();
      return recorder.synced.length === 4;
    });
    expect(messages(recorder)).toContainEqual(expect.stringContaining('does not stream all objects'));
  });

  it('are read again, whole, when the rest has expired', async () => {
    const server = await serve({ initialEvents: 'refused' });
    for (let index = 0; index < 600; index += 1) {
      server.set(rawService(`s-${index}`, `10.96.${index >> 8}.${index & 255}`));
    }
    server.fault({ fault: { does: 'status', code: 410, reason: 'Expired' }, verb: 'list', kind: 'Service', skip: 1 });
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(services(recorder)).toHaveLength(600);
    const lists = server.requests.filter(({ kind, verb }) => kind === 'Service' && verb === 'list');
    expect(lists.map(({ query }) => query.get('limit'))).toEqual(['500', '500', null]);
  });

  it.each([
    { does: 'cut', afterLines: 0 },
    { does: 'say', text: '<html>502</html>', afterLines: 0 },
    { does: 'say', text: '{"kind":"ServiceList"}', afterLines: 0 },
    { does: 'trickle', pieceBytes: 50, everyMs: 1 },
    { does: 'status', code: 500 },
  ] as const)('survive $does', async (fault) => {
    const server = await serve({ initialEvents: 'refused' });
    server.set(rawService('web', '10.96.0.1'));
    server.fault({ fault, verb: 'list', kind: 'Service' });
    const recorder = watch(server);
    await recorder.until(isSynced(recorder));
    expect(services(recorder)).toEqual(['shop/web']);
  });
});
