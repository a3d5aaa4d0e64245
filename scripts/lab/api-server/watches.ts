/** The watches that the test API server holds open. */
import type { ServerResponse } from 'node:http';
import { statusObject } from './answer.ts';
import type { Fault } from './faults.ts';
import { type SendLines, startWatchAnswer } from './line-writer.ts';
import type { Route } from './routes.ts';
import { parseSelectors, type Selector } from './selectors.ts';
import type { Change, Store } from './store.ts';

export interface WatchOptions {
  /** How sendInitialEvents is taken; `ignored` is what a server from before 1.19 does. */
  readonly initialEvents: 'streamed' | 'refused' | 'ignored';
  /** What a watch from a version to come gets: an answer that says so, or nothing until then. */
  readonly futureVersions: 'refused' | 'awaited';
  /** Ends watches sooner than they ask for. */
  readonly watchMs?: number | undefined;
}

export interface Watches {
  readonly open: (route: Route, query: URLSearchParams, response: ServerResponse, fault: Fault | undefined) => void;
  readonly changed: (change: Change) => void;
  readonly sendBookmarks: () => void;
  readonly openWatches: () => number;
}

interface OpenWatch {
  readonly route: Route;
  readonly selects: Selector;
  readonly send: SendLines;
  /** Changes up to here are not for it. */
  readonly from: number;
}

export function createWatches(store: Store, options: WatchOptions): Watches {
  const all = new Set<OpenWatch>();
  const open = (route: Route, query: URLSearchParams, response: ServerResponse, fault: Fault | undefined) => {
    const asked = Number(query.get('resourceVersion') ?? 0);
    const isInitial = query.get('sendInitialEvents') === 'true';
    const from = isInitial || asked === 0 ? store.version() : asked;
    const watch = { route, selects: parseSelectors(query), send: startWatchAnswer(response, fault), from };
    const missed = store.since(from);
    if (missed === undefined) {
      void watch.send([errorLine(`too old resource version: ${from} (${store.version()})`)]).then(() => response.end());
      return;
    }
    all.add(watch);
    if (isInitial || asked === 0) void watch.send(initialLines(store, watch, options.initialEvents === 'streamed'));
    else void watch.send(missed.flatMap((change) => changeLines(watch, change)));
    const timer = setTimeout(
      () => response.end(),
      options.watchMs ?? Number(query.get('timeoutSeconds') ?? 1800) * 1000,
    );
    response.once('close', () => {
      clearTimeout(timer);
      all.delete(watch);
    });
  };
  return {
    open,
    changed: (change) => {
      for (const watch of all) {
        const lines = changeLines(watch, change);
        if (lines.length > 0) void watch.send(lines);
      }
    },
    openWatches: () => all.size,
    sendBookmarks: () => {
      for (const watch of all) void watch.send([bookmarkLine(watch.route, store.version())]);
    },
  };
}

/** What there is, and where the server says so, that this was all. */
function initialLines(store: Store, { route, selects }: OpenWatch, saysEnd: boolean): readonly string[] {
  const lines = store
    .list(route.kind)
    .filter(([, { object }]) => selects(object))
    .map(([, { json }]) => line('ADDED', json));
  const end = bookmarkLine(route, store.version(), { 'k8s.io/initial-events-end': 'true' });
  return saysEnd ? [...lines, end] : lines;
}

/** An object that comes to match the selector is added; one that ceases to is deleted. */
function changeLines({ route, selects, from }: OpenWatch, change: Change): readonly string[] {
  if (change.kind !== route.kind || change.version <= from) return [];
  const { before, after, last } = change;
  const was = before !== undefined && selects(before.object);
  if (after !== undefined && selects(after.object)) return [line(was ? 'MODIFIED' : 'ADDED', after.json)];
  const gone = last ?? after;
  return was && gone !== undefined ? [line('DELETED', gone.json)] : [];
}

function line(type: string, json: string): string {
  return `{"type":"${type}","object":${json}}\n`;
}

function bookmarkLine({ kind, apiVersion }: Route, version: number, annotations?: Record<string, string>): string {
  const metadata = { resourceVersion: String(version), ...(annotations === undefined ? {} : { annotations }) };
  return line('BOOKMARK', JSON.stringify({ kind, apiVersion, metadata }));
}

function errorLine(message: string): string {
  return line('ERROR', JSON.stringify(statusObject({ code: 410, reason: 'Expired', message })));
}
