/** Which files of a folder are manifests. */
import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

export interface FolderListing {
  /** The folder itself, with no link in its path: links in it lead no further than this. */
  readonly root: string;
  /** Paths that begin with the folder's, sorted. */
  readonly files: readonly string[];
  /** The folder itself and, when listed recursively, the folders in it. */
  readonly folders: readonly string[];
}

const manifestName = /\.(?:ya?ml|json)$/i;

/** Rejects where the folder cannot be listed. */
export async function listManifests(folder: string, recursive: boolean): Promise<FolderListing> {
  const entries = await readdir(folder, { withFileTypes: true, recursive });
  const shown = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
  const seen = shown.filter(({ path }) => !isBehindLinks(relative(folder, path)));
  const pathsOf = (isWanted: (entry: Dirent) => boolean): readonly string[] =>
    seen.filter(({ entry }) => isWanted(entry)).map(({ path }) => path);
  return {
    root: await realpath(folder),
    // Links to files count (mounted ConfigMaps are made of them); links to directories are not followed in circles.
    files: pathsOf((entry) => (entry.isFile() || entry.isSymbolicLink()) && manifestName.test(entry.name)).toSorted(),
    folders: [folder, ...(recursive ? pathsOf((entry) => entry.isDirectory()) : [])],
  };
}

/**
 * The kubelet keeps the files of a mounted ConfigMap in a folder `..2026_11_26_…`, to which `..data` is a link, and
 * next to them a link to each of the files (AtomicWriter in pkg/volume/util): without this each would count twice.
 */
function isBehindLinks(path: string): boolean {
  return path.split(sep).some((part) => part.startsWith('..'));
}
