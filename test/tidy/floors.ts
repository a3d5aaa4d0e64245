import { posix } from 'node:path';
import type { TextFile } from './files.ts';
import { importsOf } from './imports.ts';
import { lineOf, type Violation } from './violation.ts';

/** Rooms from the ground up. A room is a folder with all below it, or one file; those of one floor are siblings. */
export const floors: readonly (readonly string[])[] = [
  ['src/core/structures/'],
  ['src/core/model/', 'src/core/diagnostics.ts'],
  ['src/core/manifest/', 'src/core/snapshot/', 'src/core/plan/'],
  ['src/core/iptables/', 'src/core/nftables/'],
  ['src/core/rules.ts'],
  ['src/core/compiler.ts', 'src/core/trace/'],
  ['src/core/explain/', 'src/core/prove/', 'src/core/forecast/'],
  ['src/documents/', 'src/clock.ts', 'src/child-process.ts'],
  ['src/host/', 'src/kubernetes/', 'src/observe/', 'src/configuration/', 'src/files/'],
  ['src/daemon/'],
  ['src/cli/'],
];

interface Place {
  readonly room: string;
  readonly floor: number;
}

/** Where a file lives, or undefined when it stands in no room. */
function placeOf(path: string): Place | undefined {
  for (const [floor, rooms] of floors.entries()) {
    const room = rooms.find((each) => (each.endsWith('/') ? path.startsWith(each) : path === each));
    if (room !== undefined) return { room, floor };
  }
  return undefined;
}

/** A file imports from its own room and from the floors below. Siblings never import each other. */
export function checkFloors(files: readonly TextFile[]): readonly Violation[] {
  return files.filter(({ path }) => /^src\/.*\.ts$/.test(path)).flatMap(checkFile);
}

function checkFile(file: TextFile): readonly Violation[] {
  const from = placeOf(file.path);
  if (from === undefined) return [{ path: file.path, line: 1, message: 'stands on no floor (test/tidy/floors.ts)' }];
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .flatMap(({ specifier, offset }) => {
      const target = posix.join(posix.dirname(file.path), specifier);
      const to = placeOf(target);
      if (to !== undefined && (to.room === from.room || to.floor < from.floor)) return [];
      const message = `floor ${from.floor} imports ${target}, ${describe(to, from)}`;
      return [{ path: file.path, line: lineOf(file.text, offset), message }];
    });
}

function describe(to: Place | undefined, from: Place): string {
  if (to === undefined) return 'which stands on no floor';
  return to.floor === from.floor ? 'a sibling' : `which is above it, on floor ${to.floor}`;
}
