/** The objects of one resource, asked for page by page. */
import { fieldIn, textIn } from '../core/manifest/value.ts';
import { plainText } from '../core/structures/safe-text.ts';
import type { Cluster } from './cluster.ts';
import { ApiFailure } from './connection/api-failure.ts';
import { parseJson } from './connection/json.ts';
import { type Asked, failureOfStatus } from './connection/status.ts';
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
    const page = pageOf(parseJson(Buffer.concat(chunks).toString('utf8'), 'the answer is not JSON'), asked);
    if (page.next !== '' && page.next === next) throw notAList(asked, 'its next page is the same page again');
    next = page.next;
    yield page;
  }
}

/** The one place where an answer is taken for a list: what is none must never pass for an empty cluster. */
function pageOf(list: unknown, asked: Asked): ListPage & { readonly next: string } {
  const kind = textIn(list, 'kind');
  if (kind === 'Status') throw failureOfStatus(asked, list);
  if (!kind.endsWith('List')) throw notAList(asked, kind === '' ? 'it has no kind' : `its kind is ${plainText(kind)}`);
  const items = fieldIn(list, 'items');
  if (!Array.isArray(items)) throw notAList(asked, 'it has no items');
  const version = versionOf(list);
  if (version === '') throw notAList(asked, 'it has no metadata.resourceVersion');
  const next = textIn(fieldIn(list, 'metadata'), 'continue');
  return { items, version, isLast: next === '', next };
}

function notAList({ resource }: Asked, why: string): ApiFailure {
  const problem = `the answer is not a list of ${resource}: ${why}`;
  return new ApiFailure('unreachable', `${problem}; check what stands between this program and the API server`);
}
