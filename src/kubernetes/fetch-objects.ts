/** All objects that shape rules, once, as the API server has them: for commands that ask a cluster and no file. */

import type { Cluster } from './cluster.ts';
import { asFailure } from './connection/api-failure.ts';

interface Collection {
  /** As RBAC and messages call it. */
  readonly plural: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Clusters without it, or without the right to read it, work as if there were none. */
  readonly isOptional?: true;
}

const collections: readonly Collection[] = [
  { plural: 'nodes', path: '/api/v1/nodes', apiVersion: 'v1', kind: 'Node' },
  { plural: 'services', path: '/api/v1/services', apiVersion: 'v1', kind: 'Service' },
  {
    plural: 'endpointslices.discovery.k8s.io',
    path: '/apis/discovery.k8s.io/v1/endpointslices',
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
  },
  {
    plural: 'servicecidrs.networking.k8s.io',
    path: '/apis/networking.k8s.io/v1/servicecidrs',
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    isOptional: true,
  },
];

const pageSize = 500;

/**
 * The text of a `List` with all of them, other proxies' and headless Services too. Rejects with an ApiFailure, whose
 * message is for people.
 */
export async function fetchObjects(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const items: object[] = [];
  for (const collection of collections) {
    try {
      for await (const item of pagesOf(collection, cluster, signal)) items.push(item);
    } catch (error) {
      const { reason } = asFailure(error);
      const isMissing = reason === 'absent' || reason === 'forbidden';
      if (collection.isOptional !== true || !isMissing) throw error;
    }
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly object[];
}

async function* pagesOf(
  { plural, path, apiVersion, kind }: Collection,
  cluster: Cluster,
  signal: AbortSignal,
): AsyncGenerator<object> {
  for (let next: string | undefined = ''; next !== undefined; ) {
    const rest: string = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const asked = { verb: 'list', resource: plural };
    const request = {
      method: 'GET',
      path: `${path}?limit=${pageSize}${rest}`,
      asked,
      isContinued: next !== '',
    } as const;
    const chunks: Buffer[] = [];
    for await (const chunk of await cluster.request(request, signal)) chunks.push(chunk);
    const page = JSON.parse(Buffer.concat(chunks).toString()) as Page;
    // The items of a typed list do not repeat what they are.
    for (const item of page.items ?? []) yield { apiVersion, kind, ...item };
    next = page.metadata?.continue || undefined;
  }
}
