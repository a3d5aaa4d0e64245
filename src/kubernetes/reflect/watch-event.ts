/** The lines of a watch. */
import { fieldIn, textIn } from '../../core/manifest/value.ts';
import { ApiFailure } from '../connection/api-failure.ts';
import { parseJson } from '../connection/json.ts';
import { type Asked, failureOfStatus } from '../connection/status.ts';
import { annotationOf, versionOf } from '../metadata.ts';

export interface WatchEvent {
  readonly type: 'set' | 'delete' | 'bookmark' | 'initial-end';
  /** As the API server has it now; of a deleted object, as it was last. */
  readonly object: unknown;
  readonly version: string;
}

/** Throws the ApiFailure that an ERROR event stands for, and one for a line that is no event. */
export function parseWatchEvent(line: string, asked: Asked): WatchEvent {
  const json = parseJson(line, 'a line of the watch is not JSON');
  const object = fieldIn(json, 'object');
  const type = textIn(json, 'type');
  if (type === 'ERROR') throw failureOfStatus(asked, object);
  const meaning = meanings.get(type);
  const version = versionOf(object);
  if (meaning === undefined || version === '')
    throw new ApiFailure('unreachable', 'a line of the watch makes no sense');
  return { type: meaning === 'bookmark' && isInitialEnd(object) ? 'initial-end' : meaning, object, version };
}

const meanings: ReadonlyMap<string, 'set' | 'delete' | 'bookmark'> = new Map([
  ['ADDED', 'set'],
  ['MODIFIED', 'set'],
  ['DELETED', 'delete'],
  ['BOOKMARK', 'bookmark'],
]);

function isInitialEnd(bookmark: unknown): boolean {
  return annotationOf(bookmark, 'k8s.io/initial-events-end') === 'true';
}
