/** Which handler answers which path. */
import { type Answer, type Handler, type PageRequest, textAnswer } from './answer.ts';

export interface Route {
  readonly path: string;
  /** What the page shows, for the index; absent for pages that are not listed there. */
  readonly about?: string;
  readonly handler: Handler;
}

export interface Routes {
  /** Later routes do not replace earlier ones: a path that is taken is a bug. */
  add(route: Route): void;
  list(): readonly Route[];
  /** Answers with 404 where there is no such path. */
  readonly handle: Handler;
}

export function createRoutes(routes: readonly Route[]): Routes {
  const byPath = new Map<string, Route>();
  const add = (route: Route): void => {
    if (byPath.has(route.path)) throw new Error(`two routes for ${route.path}`);
    byPath.set(route.path, route);
  };
  for (const route of routes) add(route);
  return {
    add,
    list: () => [...byPath.values()],
    handle: (request: PageRequest): Answer | Promise<Answer> =>
      byPath.get(request.path)?.handler(request) ?? textAnswer('404 page not found\n', 404),
  };
}
