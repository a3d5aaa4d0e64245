/** The paths that the test API server knows. */
import type { Verb } from './faults.ts';

export interface Route {
  readonly kind: string;
  readonly apiVersion: string;
  readonly group: string;
  readonly plural: string;
}

/** What a request is about. */
export interface Target extends Route {
  readonly verb: Verb;
  /** Of Events. */
  readonly namespace?: string;
  readonly name?: string;
}

const routes: Readonly<Record<string, Route>> = {
  '/api/v1/services': { kind: 'Service', apiVersion: 'v1', group: '', plural: 'services' },
  '/api/v1/nodes': { kind: 'Node', apiVersion: 'v1', group: '', plural: 'nodes' },
  '/apis/discovery.k8s.io/v1/endpointslices': {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    group: 'discovery.k8s.io',
    plural: 'endpointslices',
  },
  '/apis/networking.k8s.io/v1/servicecidrs': {
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    group: 'networking.k8s.io',
    plural: 'servicecidrs',
  },
};

const event: Route = { kind: 'Event', apiVersion: 'events.k8s.io/v1', group: 'events.k8s.io', plural: 'events' };
const eventsPath = /^\/apis\/events\.k8s\.io\/v1\/namespaces\/([^/]+)\/events(?:\/([^/]+))?$/;

export function findRoute(path: string, method: string, query: URLSearchParams): Target | undefined {
  const route = routes[path];
  if (route !== undefined)
    return method === 'GET' ? { ...route, verb: query.has('watch') ? 'watch' : 'list' } : undefined;
  const [, namespace = '', name] = eventsPath.exec(path) ?? [];
  if (namespace === '') return undefined;
  if (name === undefined) return method === 'POST' ? { ...event, verb: 'create', namespace } : undefined;
  return method === 'PATCH' ? { ...event, verb: 'patch', namespace, name } : undefined;
}
