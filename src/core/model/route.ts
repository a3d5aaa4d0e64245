/** What can be asked of a route without walking through it. */
import type { Action, PoolName, Route } from './plan.ts';

export type Refusal = Exclude<Action['kind'], 'balance'>;

/** The pools that the route sends to, each once, in the order of its branches. */
export function poolsOf(route: Route): readonly PoolName[] {
  return [...new Set(route.flatMap(({ action }) => (action.kind === 'balance' ? [action.pool] : [])))];
}

/** What becomes of those whom no earlier branch took; undefined when they are sent to an endpoint. */
export function lastRefusal(route: Route): Refusal | undefined {
  const kind = route.at(-1)?.action.kind;
  return kind === 'balance' ? undefined : kind;
}
