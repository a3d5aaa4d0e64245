/** Keeps requests below a rate, as client-go does. */
import { type Clock, sleep } from '../../clock.ts';

/** Resolves when the next request may go out, or when the signal aborts. */
export type RateLimit = (signal: AbortSignal) => Promise<void>;

/**
 * At most `qps` requests a second on average and `burst` at once, as client-go counts them. Takers are served in turn.
 * No limit when `qps` is not positive.
 */
export function createRateLimit(
  clock: Clock,
  { qps, burst }: { readonly qps: number; readonly burst: number },
): RateLimit {
  if (!(qps > 0)) return () => Promise.resolve();
  const capacity = Math.max(burst, 1);
  let tokens = capacity;
  let countedAtMs = clock.nowMs();
  return async (signal) => {
    const nowMs = clock.nowMs();
    tokens = Math.min(capacity, tokens + ((nowMs - countedAtMs) / 1000) * qps);
    countedAtMs = nowMs;
    tokens -= 1;
    // Below zero the request waits until its token is there; the next one waits longer.
    if (tokens < 0) await sleep(clock, (-tokens / qps) * 1000, signal);
  };
}
