/** All objects, asked for page by page: for servers that do not stream them. */
import { get, isFields, textIn } from '../../core/manifest/value.ts';
import { ApiFailure, asFailure } from '../connection/api-failure.ts';
import type { Reflection } from './reflection.ts';
import { versionOf } from './resources.ts';

/** As many as client-go asks for. */
const pageSize = 500;

/** Passes all objects on; gives the version from which a watch goes on. Rejects with an ApiFailure. */
export async function listAll(reflection: Reflection, signal: AbortSignal): Promise<string> {
  try {
    return await listPages(reflection, signal, pageSize);
  } catch (error) {
    if (signal.aborted || asFailure(error).reason !== 'gone') throw error;
    // The version that all pages are of has been compacted meanwhile. One page of everything cannot be overtaken.
    reflection.narrator.info('the list grew too old while its pages were read; asking for all in one page');
    return listPages(reflection, signal, undefined);
  }
}

async function listPages(reflection: Reflection, signal: AbortSignal, limit: number | undefined): Promise<string> {
  const { known, narrator } = reflection;
  known.startOver();
  let next = '';
  let read = 0;
  for (;;) {
    const page = await fetchPage(reflection, signal, {
      ...(limit === undefined ? {} : { limit: String(limit) }),
      ...(next === '' ? {} : { continue: next }),
    });
    for (const item of page.items) known.set(item);
    known.flush();
    read += page.items.length;
    if (page.next === '') return page.version;
    next = page.next;
    narrator.counting(read);
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly version: string;
  readonly next: string;
}

async function fetchPage(
  { resource, cluster }: Reflection,
  signal: AbortSignal,
  query: Readonly<Record<string, string>>,
): Promise<Page> {
  const path = `${resource.path}?${new URLSearchParams({ ...resource.selectors, ...query })}`;
  const asked = { verb: 'list', resource: resource.plural };
  const isContinued = 'continue' in query;
  const pieces: Buffer[] = [];
  for await (const chunk of await cluster.request({ method: 'GET', path, asked, isContinued }, signal))
    pieces.push(chunk);
  signal.throwIfAborted();
  const list = parseList(Buffer.concat(pieces).toString('utf8'));
  const metadata = isFields(list) ? get(list, 'metadata') : undefined;
  const items = isFields(list) ? get(list, 'items') : undefined;
  const version = versionOf(list);
  if (version === '') throw new ApiFailure('unreachable', 'the answer is not a list of objects');
  return { items: Array.isArray(items) ? items : [], version, next: textIn(metadata, 'continue') };
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiFailure('unreachable', 'the answer is not JSON');
  }
}
