/** Follows one resource for as long as the program runs, whatever the API server does. */
import { sleep } from '../../clock.ts';
import type { SourceSink } from '../../core/snapshot/source.ts';
import type { Cluster } from '../cluster.ts';
import { type ApiFailure, asFailure } from '../connection/api-failure.ts';
import { createBackOff } from './back-off.ts';
import { createKnownObjects } from './known-objects.ts';
import { listAll } from './list.ts';
import { createNarrator } from './narrator.ts';
import { arriveAt, type Reflection } from './reflection.ts';
import type { WatchedResource } from './resources.ts';
import { followWatch } from './watch.ts';

/** Resolves when the signal aborts; never rejects. */
export async function reflect(
  resource: WatchedResource,
  cluster: Cluster,
  sink: SourceSink,
  signal: AbortSignal,
): Promise<void> {
  const { clock, timing } = cluster;
  let isSynced = false;
  const reflection: Reflection = {
    resource,
    cluster,
    known: createKnownObjects(resource, sink, clock.wallMs()),
    narrator: createNarrator(resource, sink, clock),
    backOff: createBackOff(clock, timing.firstRetryMs, timing.longestRetryMs),
    synced: () => {
      if (!isSynced) sink.synced(resource.kind);
      isSynced = true;
    },
    position: { version: undefined, newest: undefined, hasBookmarks: false, silences: 0, isMissing: false },
  };
  while (!signal.aborted) {
    try {
      await takeTurn(reflection, signal);
    } catch (error) {
      if (!signal.aborted) await sleep(clock, recover(reflection, asFailure(error)), signal);
    }
  }
}

/** One watch, with a list before it when the server streams none. */
async function takeTurn(reflection: Reflection, signal: AbortSignal): Promise<void> {
  const { narrator, position, cluster } = reflection;
  if (position.version !== undefined) return followWatch(reflection, signal);
  narrator.asking(cluster.server);
  try {
    await followWatch(reflection, signal);
  } catch (error) {
    const failure = asFailure(error);
    const isStreamed = position.version !== undefined || !mayMeanUnsupported(failure);
    if (signal.aborted || isStreamed) throw error;
    narrator.debug(`no stream of all objects (${failure.message}), listing them`);
    arriveAt(reflection, await listAll(reflection, signal));
  }
}

/** 403 may be about watching alone. An old server takes it for a plain watch, and is silent after all objects. */
function mayMeanUnsupported({ reason }: ApiFailure): boolean {
  return reason === 'refused' || reason === 'forbidden' || reason === 'silent';
}

/** Draws the conclusions; gives how long to wait before the next try, in ms. */
function recover(reflection: Reflection, failure: ApiFailure): number {
  const { resource, narrator, backOff, cluster } = reflection;
  cluster.observer.restarted(resource.plural, failure.reason);
  const isMissing = failure.reason === 'absent' || failure.reason === 'forbidden';
  if (resource.isOptional && isMissing) return goWithout(reflection, failure);
  forgetAfter(reflection, failure);
  const isFirst = backOff.failures() === 0;
  const backOffMs = backOff.nextMs(failure.retryAfterMs);
  const waitMs = isFirst && isCured(failure) ? 0 : backOffMs;
  narrator.failed(failure, waitMs);
  return waitMs;
}

/** What has been forgotten, or read again, is worth a try at once. */
function isCured({ reason, retryAfterMs }: ApiFailure): boolean {
  if (retryAfterMs !== undefined) return false;
  return reason === 'gone' || reason === 'rolled-back' || reason === 'unauthorized' || reason === 'silent';
}

/** Keeps the position unless it is what the failure is about. */
function forgetAfter({ position, known }: Reflection, { reason }: ApiFailure): void {
  if (reason === 'silent') position.silences += 1;
  // After its data was restored from an old backup a server says nothing at all until its version is reached again.
  const isSuspicious = reason === 'silent' && position.silences > 1;
  if (isSuspicious || reason === 'gone' || reason === 'rolled-back' || reason === 'refused')
    position.version = undefined;
  if (reason !== 'rolled-back') return;
  position.newest = undefined;
  known.distrust();
}

/** Clusters before 1.33 may lack ServiceCIDRs: there are none then. Without the right to read them it is not known. */
function goWithout(reflection: Reflection, { reason, message }: ApiFailure): number {
  const { known, narrator, position, synced, cluster } = reflection;
  if (reason === 'absent') {
    known.startOver();
    known.completeAll();
    known.flush();
  }
  position.version = undefined;
  const { lookAgainMs } = cluster.timing;
  if (!position.isMissing) narrator.without(`${message}; going on without them`, lookAgainMs);
  position.isMissing = true;
  synced();
  return lookAgainMs * (0.9 + cluster.clock.random() / 5);
}
