/** The state of one resource that is followed, and what moves it on. */
import type { Cluster } from '../cluster.ts';
import { ApiFailure } from '../connection/api-failure.ts';
import type { BackOff } from './back-off.ts';
import type { KnownObjects } from './known-objects.ts';
import type { Narrator } from './narrator.ts';
import type { WatchedResource } from './resources.ts';
import { isOlder } from './versions.ts';

/** One resource being followed: what list, watch and the loop around them share. */
export interface Reflection {
  readonly resource: WatchedResource;
  readonly cluster: Cluster;
  readonly known: KnownObjects;
  readonly narrator: Narrator;
  readonly backOff: BackOff;
  /** Every object has been given once. May be called again. */
  readonly synced: () => void;
  readonly position: WatchPosition;
}

/** How far it has come. */
export interface WatchPosition {
  /** Where a watch can go on; undefined when everything has to be asked for. */
  version: string | undefined;
  /** The last version that was seen, to tell when a server comes back with older data. */
  newest: string | undefined;
  /** Whether this server sends bookmarks, so that silence means something. */
  hasBookmarks: boolean;
  /** Watches in a row in which nothing ever came. */
  silences: number;
  /** Whether the API was missing the last time, which is said once. */
  isMissing: boolean;
}

/** All there was at this version has been passed on. Throws an ApiFailure when more than that had been seen before. */
export function arriveAt({ position, known, narrator, synced }: Reflection, version: string): void {
  if (position.newest !== undefined && isOlder(version, position.newest)) throw rolledBack(version, position.newest);
  known.completeAll();
  known.flush();
  position.version = version;
  position.newest = version;
  position.isMissing = false;
  narrator.recovered();
  narrator.info(`all ${known.count()} are here, watching from version ${version}`);
  synced();
}

/** A watch has come to this version. Throws an ApiFailure when it goes backwards. */
export function advanceTo({ position }: Reflection, version: string): void {
  if (position.version === undefined) return;
  if (isOlder(version, position.version)) throw rolledBack(version, position.version);
  position.version = version;
  position.newest = version;
}

function rolledBack(version: string, before: string): ApiFailure {
  return new ApiFailure('rolled-back', `the API server is at version ${version}, but it has been at ${before} before`);
}
