/** Finds objects of the inputs by name, to give a place to diagnostics that have none. */
import type { ObjectRef } from '../core/diagnostics.ts';
import type { FoundObject } from '../core/manifest/manifest.ts';
import { get, isFields, textIn } from '../core/manifest/value.ts';
import { parsePath } from '../core/structures/json-path.ts';
import type { InputDocument } from '../documents/document.ts';
import type { Finding, SourcePlace } from '../documents/finding.ts';

/** An object and the document that it is in. */
export interface LoadedObject extends FoundObject {
  readonly document: InputDocument;
}

/** The place of a field of the object, or of its name when it has no such field. */
export function placeOf({ document, path }: LoadedObject, field = ''): SourcePlace {
  const wanted = document.locate([...path, ...parsePath(field)]);
  const { offset } = field !== '' && wanted.exact ? wanted : document.locate([...path, 'metadata', 'name']);
  return { source: document.source, offset };
}

/** Gives a place to each finding that has none but whose object is among the inputs. */
export function withPlaces(findings: readonly Finding[], objects: readonly LoadedObject[]): readonly Finding[] {
  if (findings.every((finding) => finding.place !== undefined)) return findings;
  // Costs a millisecond for thousands of objects, so it is done only when a place is wanted.
  const index = indexObjects(objects);
  return findings.map((finding) => {
    const object = finding.place === undefined ? index.get(objectKey(finding.diagnostic.object)) : undefined;
    return object === undefined ? finding : { ...finding, place: placeOf(object, finding.diagnostic.field) };
  });
}

/** Of several objects with one name, the first. */
function indexObjects(objects: readonly LoadedObject[]): ReadonlyMap<string, LoadedObject> {
  const index = new Map<string, LoadedObject>();
  for (const object of objects) {
    const { kind, json } = object;
    const metadata = isFields(json) ? get(json, 'metadata') : undefined;
    const key = objectKey({ kind, namespace: textIn(metadata, 'namespace'), name: textIn(metadata, 'name') });
    if (!index.has(key)) index.set(key, object);
  }
  return index;
}

/** A hand-written object without a namespace is in `default`; kinds without namespaces get the same harmless key. */
function objectKey({ kind, namespace, name }: ObjectRef): string {
  return `${kind}\n${namespace === undefined || namespace === '' ? 'default' : namespace}\n${name}`;
}
