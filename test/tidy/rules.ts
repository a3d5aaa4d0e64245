import { checkBans } from './bans.ts';
import { checkCircles } from './circles.ts';
import { checkDoors } from './doors.ts';
import type { TextFile } from './files.ts';
import { checkFloors } from './floors.ts';
import { checkFolders } from './folders.ts';
import { checkPackages } from './packages.ts';
import { checkSizes } from './sizes.ts';
import { checkState } from './state.ts';
import { checkTypeNames } from './type-names.ts';
import type { Violation } from './violation.ts';

/** What holds for the tree as a whole: a rule takes all files and returns what breaks it. */
export const rules: Readonly<Record<string, (files: readonly TextFile[]) => readonly Violation[]>> = {
  'a file imports only from its room and the floors below': checkFloors,
  'no file imports itself by way of others': checkCircles,
  'scripts import no tests, and tests only the laboratory and what they test': checkDoors,
  'a package is imported in its home only': checkPackages,
  'lines and files are short': checkSizes,
  'a folder holds few files': checkFolders,
  'what is banned does not occur': checkBans,
  'no module of the core has state': checkState,
  'no two exported types of src share a name': checkTypeNames,
};
