/** When to look into a folder again. */
import { type FSWatcher, watch } from 'node:fs';
import { sleep, systemClock } from '../../clock.ts';

export interface FolderWatchOptions {
  /** Looks; gives the folders to watch from now on. Never rejects, and never runs twice at the same time. */
  readonly look: () => Promise<FolderVisit>;
  /** How long nothing must have happened before it looks: files are written in pieces. */
  readonly quietMs: number;
  /** How often it looks in any case: not every change is announced, least of all those behind links. */
  readonly pollMs: number;
}

export interface FolderVisit {
  readonly folders: readonly string[];
  /** Whether something was seen in the middle of a change, so that it must look again soon. */
  readonly isUnsettled: boolean;
}

/** How long a look under way is waited for at the end. */
const longestGoodbyeMs = 2000;

/** A folder in which something happens all the time is looked at that often nevertheless. */
const maxDelayMs = 1000;

/** Looks at once, and again after changes, until it is stopped. */
export function watchFolder({ look, quietMs, pollMs }: FolderWatchOptions): { stop(): Promise<void> } {
  const watchers = new Map<string, FSWatcher>();
  let isStopped = false;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let dueBy: number | undefined;

  const lookIn = (ms: number): void => {
    if (isStopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = visit();
    }, ms);
  };
  const noteChange = (): void => {
    const now = performance.now();
    dueBy ??= now + maxDelayMs;
    // While it looks, this is taken up when it is done.
    if (looking === undefined) lookIn(Math.max(0, Math.min(quietMs, dueBy - now)));
  };
  const visit = async (): Promise<void> => {
    dueBy = undefined;
    const { folders, isUnsettled } = await look();
    if (isStopped) return;
    // What happened in a folder before it was watched was not announced.
    const isNew = watchOnly(watchers, folders, noteChange);
    looking = undefined;
    lookIn(isNew || isUnsettled || dueBy !== undefined ? quietMs : pollMs);
  };
  looking = visit();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      // A file system may hang, and must not keep the program from ending.
      const ended = new AbortController();
      await Promise.race([looking, sleep(systemClock, longestGoodbyeMs, ended.signal)]);
      ended.abort();
      watchOnly(watchers, [], noteChange);
    },
  };
}

/**
 * Whether a folder is watched now that was not before. One that cannot be watched (too many watches, or it is gone) is
 * polled all the same.
 */
function watchOnly(watchers: Map<string, FSWatcher>, folders: readonly string[], onChange: () => void): boolean {
  let isNew = false;
  for (const [folder, watcher] of watchers) {
    if (folders.includes(folder)) continue;
    watcher.close();
    watchers.delete(folder);
  }
  for (const folder of folders) {
    if (watchers.has(folder)) continue;
    try {
      const watcher = watch(folder, onChange);
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(folder);
        onChange();
      });
      watchers.set(folder, watcher);
      isNew = true;
    } catch {
      // Polled.
    }
  }
  return isNew;
}
