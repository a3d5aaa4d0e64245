import { describe, expect, it } from 'vitest';
import type { Attempt, HeldConnection } from '../../scripts/lab/agent/messages.ts';
import { judge } from './stage/judge.ts';
import { frontends, newService, type ShopService } from './stage/shop.ts';
import { createTimeline } from './stage/timeline.ts';

const target = 'pod-1 → service-0 TCP 10.96.0.10 80';
const [first = '', second = '', stranger = ''] = ['10.244.0.11', '10.244.1.13', '10.244.1.20'];
const nothing = { held: 0, echoes: 0, owed: 0 };

function attempt(over: Partial<Attempt>): Attempt {
  return { target, startMs: 20_000, endMs: 20_010, outcome: 'ok', endpoint: first, wasRepeated: false, ...over };
}

/** Service 0 as it is from the beginning, and what becomes of it, by time. */
function timelineOf(changes: readonly (readonly [atMs: number, service: ShopService])[] = []) {
  const timeline = createTimeline();
  timeline.note(newService(0), 0);
  for (const [atMs, service] of changes) timeline.note(service, atMs);
  return timeline;
}

const withoutEndpoints: ShopService = { ...newService(0), endpoints: new Map() };

function faultsOf(attempts: readonly Attempt[], held: readonly HeldConnection[] = [], timeline = timelineOf()) {
  return judge({ reports: [{ attempts, held }], timeline, atLeast: nothing }).faults;
}

describe('the judge of the traffic', () => {
  it('knows the frontend that these tests are about', () => {
    expect(frontends.map(({ name }) => name)).toContain(target);
  });

  it('has nothing to say where everybody is answered by endpoints', () => {
    expect(faultsOf([attempt({}), attempt({ endpoint: second })])).toEqual([]);
  });

  it('says so when there was no traffic', () => {
    const { faults } = judge({ reports: [], timeline: timelineOf(), atLeast: { held: 1, echoes: 1, owed: 1 } });
    expect(faults).toEqual(['held', 'echoes', 'owed'].map((what) => expect.stringContaining(`${what} 0 of 1`)));
  });

  it.each(['refused', 'timeout'])('says who was not answered: %s', (outcome) => {
    expect(faultsOf([attempt({ outcome, endpoint: '' })])).toEqual([expect.stringContaining(outcome)]);
  });

  it('says who was answered by somebody else', () => {
    expect(faultsOf([attempt({ endpoint: stranger })])).toEqual([
      expect.stringContaining(`${stranger}, which never was`),
    ]);
  });

  it('says which established connection was lost', () => {
    const held = { target, endpoint: first, openedMs: 0, echoes: 7, lost: { atMs: 9000, why: 'ECONNRESET' } };
    expect(faultsOf([], [held])).toEqual([expect.stringContaining('after 9000 ms and 7 words: ECONNRESET')]);
  });

  it('asks for no answer where there was no endpoint a moment ago, or is none now', () => {
    const refused = attempt({ outcome: 'refused', endpoint: '' });
    expect(
      faultsOf(
        [refused],
        [],
        timelineOf([
          [19_000, withoutEndpoints],
          [19_500, newService(0)],
        ]),
      ),
    ).toEqual([]);
    expect(faultsOf([refused], [], timelineOf([[20_005, withoutEndpoints]]))).toEqual([]);
    expect(
      faultsOf(
        [refused],
        [],
        timelineOf([
          [1000, withoutEndpoints],
          [2000, newService(0)],
        ]),
      ),
    ).toHaveLength(1);
  });

  it('lets an endpoint that is gone answer for some seconds, and no longer', () => {
    const without = { ...newService(0), endpoints: new Map([[3, 'ready']] as const) };
    expect(faultsOf([attempt({})], [], timelineOf([[18_000, without]]))).toEqual([]);
    expect(faultsOf([attempt({})], [], timelineOf([[2000, without]]))).toEqual([
      expect.stringContaining(`${first}, no endpoint for 18000 ms`),
    ]);
  });
});
