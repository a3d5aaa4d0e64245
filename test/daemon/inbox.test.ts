import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/core/diagnostics.ts';
import { namespacedName } from '../../src/core/model/objects.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../src/core/snapshot/snapshot.ts';
import { createInbox, maxTriggers } from '../../src/daemon/inbox.ts';
import { arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { named, set } from './support/stage.ts';

function inboxForTest() {
  const clock = createVirtualClock();
  const news: number[] = [];
  const inbox = createInbox({ clock, onProgress: () => undefined });
  inbox.onNews(() => news.push(clock.nowMs()));
  return { clock, news, inbox };
}

const [web, webSlice] = set(...named('web', '10.96.0.1', '10.244.1.1'));
if (web === undefined || webSlice === undefined) throw new Error('a Service and its slice');

describe('the inbox', () => {
  it('keeps what was recorded until it is taken, with the time of the oldest', async () => {
    const { clock, news, inbox } = inboxForTest();
    inbox.sink.changed([web]);
    await clock.advance(50);
    inbox.sink.changed([{ ...webSlice, triggeredAtMs: 7 }]);
    clock.jumpWall(3_600_000);
    expect(news).toEqual([1000, 1050]);
    expect(inbox.waiting()).toEqual({ sinceMs: 1000, services: 1, slices: 1, others: 0 });
    expect(inbox.take()).toEqual({
      events: [web.event, webSlice.event],
      changes: { services: 1, slices: 1, others: 0 },
      queuedAtMs: 1000,
      queuedAtWallMs: Date.UTC(2026, 0, 1) + 1000,
      triggeredAtMs: [7],
    });
    expect(inbox.waiting().sinceMs).toBeUndefined();
    expect(inbox.take()).toEqual({
      events: [],
      changes: { services: 0, slices: 0, others: 0 },
      queuedAtMs: undefined,
      queuedAtWallMs: undefined,
      triggeredAtMs: [],
    });
  });

  it('is woken by nothing that is no news', () => {
    const { news, inbox } = inboxForTest();
    inbox.sink.changed([]);
    inbox.sink.diagnosed('Service', 'shop/web', []);
    inbox.sink.progress({ severity: 'info', message: 'reading' });
    expect(news).toEqual([]);
    expect(inbox.waiting().sinceMs).toBeUndefined();
  });

  it('keeps the last word on each object only, and counts all of them, however long nobody takes them', () => {
    const { inbox } = inboxForTest();
    for (let i = 0; i < 2 * maxTriggers; i += 1) inbox.sink.changed([{ ...webSlice, triggeredAtMs: i }]);
    inbox.sink.changed([{ event: { type: 'delete', kind: 'EndpointSlice', key: 'shop/web-a' } }]);
    const { events, changes, triggeredAtMs } = inbox.take();
    expect(events).toEqual([{ type: 'delete', kind: 'EndpointSlice', key: 'shop/web-a' }]);
    expect(changes.slices).toBe(2 * maxTriggers + 1);
    expect([triggeredAtMs.length, triggeredAtMs[0]]).toEqual([maxTriggers, 0]);
  });

  it('gives changes that lead to the same snapshot as all that were recorded, one by one', () => {
    const events = fc
      .tuple(arbitraryObjects, arbitraryObjects, fc.infiniteStream(fc.nat(5)))
      .map(([first, second, choices]) =>
        [...first, ...second].map((manifest): SnapshotEvent => {
          if (choices.next().value !== 0) return { type: 'set', manifest };
          const { kind, object } = manifest;
          return { type: 'delete', kind, key: 'namespace' in object ? namespacedName(object) : object.name };
        }),
      );
    fc.assert(
      fc.property(events, (list) => {
        const { inbox } = inboxForTest();
        inbox.sink.changed(list.map((event) => ({ event })));
        const taken = inbox.take().events;
        expect(taken.length).toBeLessThanOrEqual(list.length);
        expect(reduce(emptySnapshot, taken)).toEqual(reduce(emptySnapshot, list));
      }),
      { seed: 20261126, numRuns: 100 },
    );
  });

  it('knows which kinds are still missing', () => {
    const { news, inbox } = inboxForTest();
    expect(inbox.missing(['Service', 'Node'])).toEqual(['Service', 'Node']);
    inbox.sink.synced('Node');
    inbox.sink.synced('EndpointSlice');
    expect(inbox.missing(['Service', 'Node'])).toEqual(['Service']);
    expect(news).toHaveLength(2);
  });

  it('keeps what is wrong with an object until that is taken back', () => {
    const { inbox } = inboxForTest();
    const wrong = (code: string): Diagnostic => ({
      code,
      severity: 'error',
      object: { kind: 'Service', namespace: 'shop', name: 'web' },
      ...{ field: 'spec', problem: 'is wrong', remedy: 'mend it' },
    });
    inbox.sink.diagnosed('Service', 'shop/web', [wrong('a'), wrong('b')]);
    inbox.sink.diagnosed('EndpointSlice', 'shop/web', [wrong('c')]);
    inbox.take();
    expect(inbox.diagnostics().map(({ code }) => code)).toEqual(['a', 'b', 'c']);
    inbox.sink.diagnosed('Service', 'shop/web', [wrong('b')]);
    expect(inbox.diagnostics().map(({ code }) => code)).toEqual(['b', 'c']);
    inbox.sink.diagnosed('Service', 'shop/web', []);
    inbox.sink.diagnosed('EndpointSlice', 'shop/web', []);
    expect(inbox.diagnostics()).toEqual([]);
  });
});
