/** What the metadata of an object says, read from untyped JSON. */
import { fieldIn, textIn } from '../core/manifest/value.ts';
import type { ObjectKind } from '../core/snapshot/source.ts';

/** `namespace/name` or `name`, as the snapshot calls it. Not checked: only to be compared. Empty without a name. */
export function keyOf(kind: ObjectKind, json: unknown): string {
  const metadata = fieldIn(json, 'metadata');
  const name = textIn(metadata, 'name');
  if (name === '' || kind === 'Node' || kind === 'ServiceCIDR') return name;
  return `${textIn(metadata, 'namespace') || 'default'}/${name}`;
}

/** The resource version; empty without one. */
export function versionOf(json: unknown): string {
  return textIn(fieldIn(json, 'metadata'), 'resourceVersion');
}

/** The value of an annotation; empty without it. */
export function annotationOf(json: unknown, name: string): string {
  return textIn(fieldIn(fieldIn(json, 'metadata'), 'annotations'), name);
}
