/** The objects of one resource, asked for page by page. */
import { fieldIn, textIn } from '../core/manifest/value.ts';
import type { Cluster } from './cluster.ts';
import { ApiFailure } from './connection/api-failure.ts';
import { parseJson } from './connection/json.ts';
import { versionOf } from './metadata.ts';
import type { Resource } from './resources.ts';

/** As many as client-go asks for. */
export const pageSize = 500;

export interface ListQuery {
  readonly resource: Pick<Resource, 'path' | 'plural'>;
  readonly selectors?: Readonly<Record<string, string>>;
  /** The most objects of a page; undefined asks for all in one. */
  readonly limit: number | undefined;
}

export interface ListPage {
  readonly items: readonly unknown[];
  /** The resource version from which a watch goes on; that of all pages of a list. */
  readonly version: string;
  readonly isLast: boolean;
}

/** Gives page after page. Rejects with an ApiFailure; when the signal aborted, with anything. */
export async function* listPages(
  cluster: Cluster,
  { resource, selectors, limit }: ListQuery,
  signal: AbortSignal,
): AsyncGenerator<ListPage> {
  const query = new URLSearchParams({ ...selectors, ...(limit === undefined ? {} : { limit: String(limit) }) });
  const asked = { verb: 'list', resource: resource.plural };
  for (let next: string | undefined; next !== ''; ) {
    const isContinued = next !== undefined;
    if (next !== undefined) query.set('continue', next);
    const request = { method: 'GET', path: `${resource.path}?${query}`, asked, isContinued } as const;
    const chunks: Buffer[] = [];
    for await (const chunk of await cluster.request(request, signal)) chunks.push(chunk);
    signal.throwIfAborted();
    const list = parseJson(Buffer.concat(chunks).toString('utf8'), 'the answer is not JSON');
    const version = versionOf(list);
    if (version === '') throw new ApiFailure('unreachable', 'the answer is not a list of objects');
    const items = fieldIn(list, 'items');
    next = textIn(fieldIn(list, 'metadata'), 'continue');
    yield { items: Array.isArray(items) ? items : [], version, isLast: next === '' };
  }
}
