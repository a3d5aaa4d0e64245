/** From the files of a folder to what a snapshot is told: only what differs from what it was told before. */
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../core/diagnostics.ts';
import { knownKind } from '../../core/manifest/kinds.ts';
import { refOfManifest } from '../../core/manifest/ref.ts';
import { keyOfManifest, type Manifest } from '../../core/model/objects.ts';
import type { ObjectKind, ObservedChange } from '../../core/snapshot/source.ts';
import { repeatedObject } from '../load-objects.ts';
import type { ManifestFile } from './manifest-file.ts';

/** Objects and diagnostics by kind and name. */
export interface FolderObjects {
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly diagnostics: ReadonlyMap<string, ObjectDiagnostics>;
}

interface ObjectDiagnostics {
  readonly kind: ObjectKind;
  /** `namespace/name`, or `name`. */
  readonly key: string;
  readonly list: readonly Diagnostic[];
}

export const objectKinds: readonly ObjectKind[] = ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'];

export const noObjects: FolderObjects = { manifests: new Map(), diagnostics: new Map() };

/** All that the files hold, in the order of their paths: an object that two of them have is taken from the first. */
export function objectsOf(files: readonly ManifestFile[]): FolderObjects {
  const manifests = new Map<string, Manifest>();
  const diagnostics = new Map<string, ObjectDiagnostics>();
  const homes = new Map<string, string>();
  const tell = (kind: ObjectKind, key: string, diagnostic: Diagnostic): void => {
    const known = diagnostics.get(`${kind} ${key}`)?.list ?? [];
    diagnostics.set(`${kind} ${key}`, { kind, key, list: [...known, diagnostic] });
  };
  for (const file of files) {
    for (const manifest of file.manifests) {
      const { kind } = manifest;
      const key = keyOfManifest(manifest);
      const home = homes.get(`${kind} ${key}`);
      if (home === undefined) {
        homes.set(`${kind} ${key}`, file.path);
        manifests.set(`${kind} ${key}`, manifest);
      } else {
        tell(kind, key, repeatedObject(refOfManifest(manifest), home, `the one in ${file.path}`));
      }
    }
    for (const diagnostic of file.diagnostics) {
      const { kind, namespace, name } = diagnostic.object;
      const known = knownKind(kind);
      if (known !== undefined) tell(known, namespace === undefined ? name : `${namespace}/${name}`, diagnostic);
    }
  }
  return { manifests, diagnostics };
}

export interface FolderChange {
  readonly changes: readonly ObservedChange[];
  readonly diagnosed: readonly ObjectDiagnostics[];
}

/**
 * What leads from one to the other. An object that says the same as before is not among the changes, so that it keeps
 * its identity in the snapshot and nothing is worked out anew for it.
 */
export function changesBetween(before: FolderObjects, now: FolderObjects): FolderChange {
  const changes: ObservedChange[] = [];
  for (const [id, manifest] of now.manifests) {
    const known = before.manifests.get(id);
    if (known !== manifest && !isDeepStrictEqual(known, manifest)) changes.push({ event: { type: 'set', manifest } });
  }
  for (const [id, manifest] of before.manifests) {
    if (now.manifests.has(id)) continue;
    changes.push({ event: { type: 'delete', kind: manifest.kind, key: keyOfManifest(manifest) } });
  }
  const diagnosed = [...now.diagnostics].flatMap(([id, diagnostics]) =>
    isDeepStrictEqual(before.diagnostics.get(id), diagnostics) ? [] : [diagnostics],
  );
  const takenBack = [...before.diagnostics].flatMap(([id, { kind, key }]) =>
    now.diagnostics.has(id) ? [] : [{ kind, key, list: [] }],
  );
  return { changes, diagnosed: [...diagnosed, ...takenBack] };
}
