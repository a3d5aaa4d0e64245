/** The files of a folder from one look to the next. */
import type { FolderListing } from '../list-manifests.ts';
import { type ManifestFile, readManifestFile } from './manifest-file.ts';

export interface FolderFiles {
  /** By path, sorted. */
  readonly files: ReadonlyMap<string, ManifestFile>;
  /** Those of them that were not there: they may only be about to be replaced. */
  readonly missing: ReadonlySet<string>;
}

/**
 * Reads what is new or has changed since `before`. Editors rename a file away before they write the new one, so a file
 * that is missing keeps its objects until it is missing a second time.
 */
export async function readFiles(
  { root, files: paths }: Pick<FolderListing, 'root' | 'files'>,
  before: FolderFiles,
): Promise<FolderFiles> {
  const files = new Map<string, ManifestFile>();
  const missing = new Set<string>();
  const listed = new Set(paths);
  for (const path of [...new Set([...paths, ...before.files.keys()])].toSorted()) {
    const known = before.files.get(path);
    const file = listed.has(path) ? await readManifestFile(root, path, known) : undefined;
    if (file !== undefined) files.set(path, file);
    else if (known !== undefined && !before.missing.has(path)) {
      files.set(path, known);
      missing.add(path);
    }
  }
  return { files, missing };
}
