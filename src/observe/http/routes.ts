/** Which handler answers which path. */
import { type Handler, type HttpRequest, type HttpResponse, onlyGet, textResponse } from './response.ts';

export interface HttpRoute {
  readonly path: string;
  /** What the page shows, for the index; absent for pages that are not listed there. */
  readonly about?: string;
  readonly handler: Handler;
  /** Whether the page takes PUT, too. */
  readonly takesPut?: boolean;
}

export interface Routes {
  list(): readonly HttpRoute[];
  /** Answers with 404 where there is no such path. */
  readonly handle: Handler;
}

/** Two routes for one path are a bug: it throws. */
export function createRoutes(routes: readonly HttpRoute[]): Routes {
  const byPath = new Map<string, HttpRoute>();
  for (const route of routes) {
    if (byPath.has(route.path)) throw new Error(`two routes for ${route.path}`);
    byPath.set(route.path, route);
  }
  return {
    list: () => routes,
    handle: (request: HttpRequest): HttpResponse | Promise<HttpResponse> => {
      const route = byPath.get(request.path);
      if (route === undefined) return textResponse('404 page not found\n', 404);
      return request.method === 'PUT' && route.takesPut !== true ? onlyGet : route.handler(request);
    },
  };
}
