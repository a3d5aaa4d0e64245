/** One watch, from its request to its end. */
import { ApiFailure } from '../connection/api-failure.ts';
import type { Asked } from '../connection/status.ts';
import { durationText, type Patience } from '../timing.ts';
import { createLineReader } from './lines.ts';
import { advanceTo, arriveAt, type Reflection } from './reflection.ts';
import { parseWatchEvent } from './watch-event.ts';

/**
 * Follows the resource from `position.version`; without one it lets the server stream everything there is, and then
 * what changes. Resolves when the server ends the watch in good order. Rejects with an ApiFailure; `position` says how
 * far it came.
 */
export async function followWatch(reflection: Reflection, signal: AbortSignal): Promise<void> {
  const { known, position, narrator } = reflection;
  const { clock, timing } = reflection.cluster;
  const startedAtMs = clock.nowMs();
  if (position.version === undefined) known.startOver();
  let lines = 0;
  try {
    lines = await readWatch(reflection, signal);
  } finally {
    // A line that makes no sense may come after others that do.
    known.flush();
    if (clock.nowMs() - startedAtMs > timing.steadyMs) reflection.backOff.reset();
  }
  signal.throwIfAborted();
  const lastedMs = clock.nowMs() - startedAtMs;
  if (position.version === undefined) {
    throw new ApiFailure('unreachable', 'the answer ended before all objects were there');
  }
  if (lines === 0 && lastedMs < timing.shortWatchMs) {
    throw new ApiFailure('busy', 'the API server ends the watch at once');
  }
  narrator.debug(`the watch ended after ${durationText(lastedMs)}, going on from version ${position.version}`);
}

/** Gives the number of lines. */
async function readWatch(reflection: Reflection, signal: AbortSignal): Promise<number> {
  const { cluster, resource, known, narrator, position, backOff } = reflection;
  const { timing, clock } = cluster;
  const { min, max } = timing.watchSeconds;
  const seconds = Math.round(min + clock.random() * (max - min));
  const goesOn = position.version !== undefined;
  const longestMs = seconds * 1000 + timing.lateMs;
  const startedAtMs = clock.nowMs();
  let heardAtMs = startedAtMs;
  // Only lines with something in them count: empty ones may come from what stands between and has lost the server.
  const patience = (): Patience => {
    const quietMs = position.version === undefined ? timing.quietMs : timing.quietAfterBookmarkMs;
    const isQuietLost = position.version === undefined || position.hasBookmarks;
    const [quietRestMs, restMs] = [heardAtMs + quietMs - clock.nowMs(), startedAtMs + longestMs - clock.nowMs()];
    return isQuietLost && quietRestMs < restMs
      ? { ms: quietRestMs, problem: `nothing came for ${durationText(quietMs)}` }
      : { ms: restMs, problem: `the watch has not ended after ${durationText(longestMs)}` };
  };
  const asked = { verb: 'watch', resource: resource.plural };
  const path = watchPath(reflection, seconds);
  const readLines = createLineReader();
  let count = 0;
  for await (const chunk of await cluster.request({ method: 'GET', path, asked, patience }, signal)) {
    signal.throwIfAborted();
    const lines = readLines(chunk).filter((line) => line.trim() !== '');
    if (lines.length === 0) continue;
    for (const line of lines) takeLine(reflection, line, asked);
    known.flush();
    heardAtMs = clock.nowMs();
    count += lines.length;
    position.silences = 0;
    if (position.version === undefined) narrator.counting(count);
    if (!goesOn) continue;
    narrator.recovered();
    backOff.reset();
  }
  return count;
}

function watchPath({ resource, position }: Reflection, seconds: number): string {
  const from =
    position.version === undefined
      ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion: position.version };
  const query = { watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds), ...from };
  return `${resource.path}?${new URLSearchParams({ ...resource.selectors, ...query })}`;
}

function takeLine(reflection: Reflection, line: string, asked: Asked): void {
  const { known, position } = reflection;
  const event = parseWatchEvent(line, asked);
  switch (event.type) {
    case 'set':
      advanceTo(reflection, event.version);
      known.set(event.object);
      return;
    case 'delete':
      advanceTo(reflection, event.version);
      known.delete(event.object);
      return;
    case 'bookmark':
      // The first bookmark of a server that streams what there is says that this is all.
      if (position.version === undefined) throw new ApiFailure('refused', 'the API server does not stream all objects');
      position.hasBookmarks = true;
      advanceTo(reflection, event.version);
      return;
    case 'initial-end':
      position.hasBookmarks = true;
      arriveAt(reflection, event.version);
      return;
    default:
      event.type satisfies never;
  }
}
