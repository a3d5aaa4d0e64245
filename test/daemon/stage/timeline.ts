/** Who should have answered when: what the API server said, moment by moment. */
import { nowMs } from '../../../scripts/lab/agent/messages.ts';
import { answering, frontends, type ShopService } from './shop.ts';

interface Moment {
  readonly atMs: number;
  readonly endpoints: readonly string[];
}

export interface Timeline {
  /** The Service is like this from now on, or has been since then. */
  note(service: ShopService, atMs?: number): void;
  /** Who may have answered at some moment between two times; `always`: somebody should have, all the time. */
  between(
    frontend: string,
    startMs: number,
    endMs: number,
  ): { readonly endpoints: ReadonlySet<string>; readonly always: boolean };
  /** For how long an endpoint had not been one at this time; undefined when it never was. */
  goneForMs(frontend: string, endpoint: string, atMs: number): number | undefined;
}

export function createTimeline(): Timeline {
  const moments = new Map<string, Moment[]>(frontends.map(({ name }) => [name, []]));
  return {
    note(service, atMs = nowMs()) {
      for (const frontend of frontends) {
        if (frontend.service !== service.number) continue;
        moments.get(frontend.name)?.push({ atMs, endpoints: answering(service, frontend) });
      }
    },
    goneForMs(frontend, endpoint, atMs) {
      const all = (moments.get(frontend) ?? []).filter((moment) => moment.atMs <= atMs);
      const last = all.findLastIndex(({ endpoints }) => endpoints.includes(endpoint));
      return last < 0 ? undefined : atMs - (all[last + 1]?.atMs ?? atMs);
    },
    between(frontend, startMs, endMs) {
      const all = moments.get(frontend) ?? [];
      const before = all.findLast(({ atMs }) => atMs <= startMs);
      const during = all.filter(({ atMs }) => atMs > startMs && atMs <= endMs);
      const standing = before === undefined ? during : [before, ...during];
      return {
        endpoints: new Set(standing.flatMap(({ endpoints }) => endpoints)),
        always: before !== undefined && standing.every(({ endpoints }) => endpoints.length > 0),
      };
    },
  };
}
