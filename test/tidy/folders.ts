import { posix } from 'node:path';
import type { TextFile } from './files.ts';
import type { Violation } from './violation.ts';

/** How many .ts files a folder holds at most, by what its path begins with; subfolders count for themselves. */
export const maxFolderFiles: Readonly<Record<string, number>> = { 'src/': 22, 'scripts/': 22, 'test/': 26 };

/** A folder is small enough to be read as a list. */
export function checkFolders(files: readonly TextFile[]): readonly Violation[] {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const folder = `${posix.dirname(path)}/`;
    if (path.endsWith('.ts')) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].flatMap(([path, count]) => {
    const most = Object.entries(maxFolderFiles).find(([beginning]) => path.startsWith(beginning))?.[1];
    if (most === undefined || count <= most) return [];
    return [{ path, line: 1, message: `${count} files in one folder, at most ${most}` }];
  });
}
