/** Posts Events, as well as it can: nothing waits for it, and nothing fails because of it. */

import { sleep } from '../../clock.ts';
import { plainText } from '../../core/structures/safe-text.ts';
import { shortHash } from '../../core/structures/short-hash.ts';
import type { ApiRequest, Cluster } from '../cluster.ts';
import { type ApiFailure, asFailure } from '../connection/api-failure.ts';
import { createRateLimit } from '../connection/rate-limit.ts';
import { type ClusterEvent, type EventSeries, eventKey, eventObject, namespaceOf, seriesPatch } from './event.ts';

export interface EventRecorder {
  /** Never throws. What happens again and again is counted and told with growing distance. */
  readonly record: (event: ClusterEvent) => void;
  /** Posts no more. */
  readonly stop: () => Promise<void>;
}

export interface EventRecorderOptions {
  /** Which rulewright this is: the name of the node. */
  readonly instance: string;
  /** Told why events cannot be posted, once for each reason. */
  readonly warn: (message: string) => void;
}

/** client-go's: the same event within this time is the same series. */
const seriesMs = 6 * 60_000;
/** client-go's for one object; here for all, because one node has only a few things to say. */
const rate = { qps: 0.1, burst: 25 };
const maxKnown = 200;
const maxWaiting = 50;
const maxTries = 3;

/** `name` is that of the posted Event; empty before. */
type Known = EventSeries & { readonly name: string };

export function createEventRecorder(cluster: Cluster, { instance, warn }: EventRecorderOptions): EventRecorder {
  const { clock, timing } = cluster;
  const ending = new AbortController();
  const mayGo = createRateLimit(clock, rate);
  const known = new Map<string, Known>();
  const waiting = new Set<string>();
  const warned = new Set<string>();
  let working: Promise<void> | undefined;

  const post = async (key: string) => {
    const series = known.get(key);
    if (series === undefined) return;
    const { sharedBy } = series.event;
    const isNew = series.name === '' || sharedBy !== undefined;
    const made =
      sharedBy === undefined ? newName(series.event, clock.wallMs(), clock.random()) : sharedName(series.event);
    const name = isNew ? made : series.name;
    const request = isNew ? creation(name, series, instance) : repetition(series);
    const isPosted = (error: unknown) => sharedBy !== undefined && asFailure(error).reason === 'exists';
    await cluster.request(request, ending.signal).then(ignore, (error: unknown) => {
      if (!isPosted(error)) throw error;
    });
    // It may have happened again meanwhile.
    known.set(key, { ...(known.get(key) ?? series), name });
  };
  const tryToPost = async (key: string, tries: number): Promise<void> => {
    try {
      await post(key);
    } catch (error) {
      if (ending.signal.aborted) return;
      const failure = asFailure(error);
      if (failure.reason === 'absent') forgetName(known, key);
      if (!isWorthARetry(failure) || tries === maxTries) {
        if (!warned.has(failure.reason)) warn(`an Event could not be posted: ${failure.message}`);
        warned.add(failure.reason);
        return;
      }
      await sleep(clock, failure.retryAfterMs ?? timing.firstRetryMs * 2 ** tries, ending.signal);
      return tryToPost(key, tries + 1);
    }
  };
  const work = async () => {
    for (const key of waiting) {
      await mayGo(ending.signal);
      if (ending.signal.aborted) return;
      waiting.delete(key);
      await tryToPost(key, 1);
    }
    working = undefined;
  };
  return {
    record: (event) => {
      const key = eventKey(event);
      const series = countAgain(known.get(key), event, clock.wallMs());
      known.delete(key);
      known.set(key, series);
      if (known.size > maxKnown) known.delete(known.keys().next().value ?? '');
      if (Number.isInteger(Math.log2(series.count)) && waiting.size < maxWaiting) waiting.add(key);
      // With nothing to do, work() would be over before it is noted down as begun.
      if (waiting.size > 0 && !ending.signal.aborted) working ??= work();
    },
    stop: async () => {
      ending.abort();
      await working;
    },
  };
}

function countAgain(known: Known | undefined, event: ClusterEvent, nowMs: number): Known {
  if (known === undefined || nowMs - known.lastAtMs > seriesMs) {
    return { event, firstAtMs: nowMs, lastAtMs: nowMs, count: 1, name: '' };
  }
  return { ...known, lastAtMs: nowMs, count: known.count + 1 };
}

/** The posted Event is there no longer; a new one takes its place. */
function forgetName(known: Map<string, Known>, key: string): void {
  const series = known.get(key);
  if (series !== undefined) known.set(key, { ...series, name: '' });
}

function isWorthARetry({ reason }: ApiFailure): boolean {
  return reason !== 'forbidden' && reason !== 'refused' && reason !== 'exists';
}

/** The answer says nothing that was not sent. */
async function ignore(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}

function eventsPath(event: ClusterEvent): string {
  return `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespaceOf(event))}/events`;
}

function creation(name: string, series: EventSeries, instance: string): ApiRequest {
  return {
    method: 'POST',
    path: eventsPath(series.event),
    asked: { verb: 'create', resource: 'events.events.k8s.io' },
    body: JSON.stringify(eventObject(name, series, instance)),
    contentType: 'application/json',
  };
}

function repetition(series: Known): ApiRequest {
  return {
    method: 'PATCH',
    path: `${eventsPath(series.event)}/${encodeURIComponent(series.name)}`,
    asked: { verb: 'patch', resource: 'events.events.k8s.io' },
    body: JSON.stringify(seriesPatch(series)),
    contentType: 'application/merge-patch+json',
  };
}

/** The same on every node. */
function sharedName({ regarding, reason, sharedBy = '' }: ClusterEvent): string {
  const hash = shortHash(plainText(`${reason} ${sharedBy}`)).toLowerCase();
  return `${regarding.name.slice(0, 230)}.${hash}`;
}

/** As client-go makes them: the object's name and a number that is not used twice. */
function newName({ regarding }: ClusterEvent, nowMs: number, random: number): string {
  const nanoseconds = BigInt(Math.round(nowMs)) * 1_000_000n + BigInt(Math.floor(random * 1_000_000));
  return `${regarding.name.slice(0, 230)}.${nanoseconds.toString(16)}`;
}
