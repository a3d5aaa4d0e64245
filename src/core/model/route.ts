/** Facts about a route that need no packet. */
import type { Action, PoolName, Route } from './plan.ts';

/** How a route turns traffic away. */
export type RefusalKind = Exclude<Action['kind'], 'balance'>;

/** The pools that the route sends to, each once, in the order of its branches. */
export function poolsOf(route: Route): readonly PoolName[] {
  return [...new Set(route.flatMap(({ action }) => (action.kind === 'balance' ? [action.pool] : [])))];
}

/** What the last branch does with traffic that no earlier one takes; undefined when it sends it to an endpoint. */
export function lastRefusal(route: Route): RefusalKind | undefined {
  const kind = route.at(-1)?.action.kind;
  return kind === 'balance' ? undefined : kind;
}
