/** All objects of what is followed, in a list: for servers that do not stream them. */
import { asFailure } from '../connection/api-failure.ts';
import { listPages, pageSize } from '../list.ts';
import type { Reflection } from './reflection.ts';

/** Passes all objects on; gives the version from which a watch goes on. Rejects with an ApiFailure. */
export async function listAll(reflection: Reflection, signal: AbortSignal): Promise<string> {
  try {
    return await passOnPages(reflection, signal, pageSize);
  } catch (error) {
    if (signal.aborted || asFailure(error).reason !== 'gone') throw error;
    // The version that all pages are of has been compacted meanwhile. One page of everything cannot be overtaken.
    reflection.narrator.info('the list grew too old while its pages were read; asking for all in one page');
    return passOnPages(reflection, signal, undefined);
  }
}

async function passOnPages(reflection: Reflection, signal: AbortSignal, limit: number | undefined): Promise<string> {
  const { known, narrator, cluster, resource } = reflection;
  const { selectors } = resource;
  known.startOver();
  let read = 0;
  let listed = '';
  for await (const { items, version, isLast } of listPages(cluster, { resource, selectors, limit }, signal)) {
    for (const item of items) known.set(item);
    known.flush();
    read += items.length;
    listed = version;
    if (!isLast) narrator.counting(read);
  }
  return listed;
}
