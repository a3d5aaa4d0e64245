/** All objects that shape rules, once, as the API server has them: for commands that ask a cluster and no file. */
import type { Cluster } from './cluster.ts';
import { asFailure } from './connection/api-failure.ts';
import { listPages, pageSize } from './list.ts';
import { allResources } from './resources.ts';

/**
 * The text of a `List` with all of them, other proxies' and headless Services too. Rejects with an ApiFailure, whose
 * message is for people.
 */
export async function fetchObjects(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const objects: object[] = [];
  for (const resource of Object.values(allResources)) {
    const { apiVersion, kind } = resource;
    try {
      for await (const { items } of listPages(cluster, { resource, limit: pageSize }, signal)) {
        // The items of a typed list do not repeat what they are.
        for (const item of items) objects.push(Object.assign({ apiVersion, kind }, item));
      }
    } catch (error) {
      const { reason } = asFailure(error);
      const isMissing = reason === 'absent' || reason === 'forbidden';
      if (!resource.isOptional || !isMissing) throw error;
    }
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}
