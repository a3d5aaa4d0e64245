/** Which handler answers which path. */
import { type Handler, type HttpRequest, type HttpResponse, textResponse } from './response.ts';

export interface HttpRoute {
  readonly path: string;
  /** What the page shows, for the index; absent for pages that are not listed there. */
  readonly about?: string;
  readonly handler: Handler;
}

export interface Routes {
  /** Later routes do not replace earlier ones: a path that is taken is a bug. */
  add(route: HttpRoute): void;
  list(): readonly HttpRoute[];
  /** Answers with 404 where there is no such path. */
  readonly handle: Handler;
}

export function createRoutes(routes: readonly HttpRoute[]): Routes {
  const byPath = new Map<string, HttpRoute>();
  const add = (route: HttpRoute): void => {
    if (byPath.has(route.path)) throw new Error(`two routes for ${route.path}`);
    byPath.set(route.path, route);
  };
  for (const route of routes) add(route);
  return {
    add,
    list: () => [...byPath.values()],
    handle: (request: HttpRequest): HttpResponse | Promise<HttpResponse> =>
      byPath.get(request.path)?.handler(request) ?? textResponse('404 page not found\n', 404),
  };
}
