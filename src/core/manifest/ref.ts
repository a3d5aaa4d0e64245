import type { ObjectRef } from '../diagnostics.ts';
import { nameText } from '../structures/safe-text.ts';
import { isNamespaced, knownKind } from './kinds.ts';
import { get, isFields, textIn } from './value.ts';

/** How diagnostics call a thing of which nothing has been checked. One without a name is called by its place. */
export function refOf(kind: string, json: unknown, place: string): ObjectRef {
  const known = knownKind(kind);
  const metadata = isFields(json) ? get(json, 'metadata') : undefined;
  const name = textIn(metadata, 'name') || place || '(unnamed)';
  const namespace = textIn(metadata, 'namespace') || (known === undefined ? '' : 'default');
  const showsNamespace = known === undefined ? namespace !== '' : isNamespaced(known);
  const ref = { kind: nameText(kind), name: nameText(name) };
  return showsNamespace ? { ...ref, namespace: nameText(namespace) } : ref;
}
