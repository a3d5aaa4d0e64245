/** Where the objects of the inputs stand, for diagnostics that know an object's name but not its place. */
import type { ObjectRef } from '../core/diagnostics.ts';
import type { InputDocument, Path } from './document.ts';
import type { Finding, Place } from './finding.ts';

interface Standing {
  readonly document: InputDocument;
  /** Of the object in its document. */
  readonly path: Path;
}

/** Every place of an object, in the order of reading. */
export type ObjectIndex = ReadonlyMap<string, readonly Standing[]>;

/** Kubernetes calls a list of Services `List` or `ServiceList`; deeper ones than these are somebody's mistake. */
const maxListDepth = 8;

/** Walks all documents. Costs a millisecond for thousands of objects, so it is done only when a place is wanted. */
export function indexObjects(documents: readonly InputDocument[]): ObjectIndex {
  const index = new Map<string, Standing[]>();
  for (const document of documents) addObjects(index, document.value, { document, path: [] }, undefined);
  return index;
}

function addObjects(
  index: Map<string, Standing[]>,
  value: unknown,
  standing: Standing,
  listed: string | undefined,
): void {
  const kind = listed ?? fieldOf(value, 'kind');
  if (typeof kind !== 'string') return;
  const items = listed === undefined && kind.endsWith('List') ? fieldOf(value, 'items') : undefined;
  if (!Array.isArray(items)) {
    const key = objectKey({ kind, ...namesOf(value) });
    const standings = index.get(key);
    if (standings === undefined) index.set(key, [standing]);
    else standings.push(standing);
    return;
  }
  if (standing.path.length >= 2 * maxListDepth) return;
  const itemKind = kind === 'List' ? undefined : kind.slice(0, -'List'.length);
  for (const [i, item] of items.entries()) {
    addObjects(index, item, { ...standing, path: [...standing.path, 'items', i] }, itemKind);
  }
}

function namesOf(value: unknown): { readonly name: string; readonly namespace: string } {
  const metadata = fieldOf(value, 'metadata');
  return { name: String(fieldOf(metadata, 'name')), namespace: String(fieldOf(metadata, 'namespace') ?? '') };
}

/** A hand-written object without a namespace is in `default`; kinds without namespaces get the same harmless key. */
function objectKey({ kind, namespace, name }: ObjectRef): string {
  return `${kind}\n${namespace === undefined || namespace === '' ? 'default' : namespace}\n${name}`;
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

/** The name of the object's `nth` occurrence, or the field when the object has it. */
export function placeOf(index: ObjectIndex, object: ObjectRef, field = '', nth = 0): Place | undefined {
  const standing = index.get(objectKey(object))?.[nth];
  if (standing === undefined) return undefined;
  const { document, path } = standing;
  const wanted = document.locate([...path, ...fieldPath(field)]);
  const { offset } = field !== '' && wanted.exact ? wanted : document.locate([...path, 'metadata', 'name']);
  return { source: document.source, offset };
}

/** Gives a place to diagnostics that have none but whose object is among the inputs. */
export function withPlaces(findings: readonly Finding[], documents: readonly InputDocument[]): readonly Finding[] {
  if (findings.every((finding) => finding.place !== undefined)) return findings;
  const index = indexObjects(documents);
  return findings.map((finding) => {
    if (finding.place !== undefined) return finding;
    const place = placeOf(index, finding.diagnostic.object, finding.diagnostic.field);
    return place === undefined ? finding : { ...finding, place };
  });
}

/** `spec.ports[0].port`, `metadata.labels[kubernetes.io/service-name]`: the reverse of how fields are written. */
export function fieldPath(field: string): Path {
  return [...field.matchAll(/\[([^\]]*)\]|[^.[]+/g)].map(([text, inBrackets]) => {
    if (inBrackets === undefined) return text;
    return /^\d+$/.test(inBrackets) ? Number(inBrackets) : inBrackets;
  });
}
