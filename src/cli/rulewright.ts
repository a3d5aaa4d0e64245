#!/usr/bin/env node
/**
 * The program's entry. An old Node must be able to read this file and node-version.ts, so that it can say that it is
 * too old: nothing newer than ES modules here, and everything else is imported only after the check.
 */
import { tooOldNode } from './node-version.ts';

const complaint = tooOldNode(process.versions.node);
if (complaint === '') {
  import('./main.ts').then(
    (program) => program.main(process.argv.slice(2)),
    (error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exitCode = 70;
    },
  );
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 2;
}
