/** Names objects in diagnostics. */
import type { ObjectRef } from '../diagnostics.ts';
import type { Manifest } from '../model/objects.ts';
import { nameText } from '../structures/safe-text.ts';
import { isNamespaced, knownKind } from './kinds.ts';
import { get, isFields, textIn } from './value.ts';

/** The name of an object of which nothing has been checked. An object without a name is called by its `place`. */
export function refOf(kind: string, json: unknown, place: string): ObjectRef {
  const known = knownKind(kind);
  const metadata = isFields(json) ? get(json, 'metadata') : undefined;
  const name = textIn(metadata, 'name') || place || '(unnamed)';
  const namespace = textIn(metadata, 'namespace') || (known === undefined ? '' : 'default');
  const showsNamespace = known === undefined ? namespace !== '' : isNamespaced(known);
  const ref = { kind: nameText(kind), name: nameText(name) };
  return showsNamespace ? { ...ref, namespace: nameText(namespace) } : ref;
}

/** The name of an object that has been read. */
export function refOfManifest({ kind, object }: Manifest): ObjectRef {
  return 'namespace' in object ? { kind, namespace: object.namespace, name: object.name } : { kind, name: object.name };
}
