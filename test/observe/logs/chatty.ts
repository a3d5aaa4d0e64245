/**
 * A program that logs a thousand lines to standard error, goes on working, and ends by itself: what it managed to do it
 * writes to the file given as argument.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../src/observe/logs/log.ts';

const log = createLog({ format: 'json', verbosity: 0, destination: 2 });
for (let number = 0; number < 1000; number += 1) {
  log.info('Synced', { number, padding: 'x'.repeat(500) });
  if (number % 100 === 0) await sleep(1);
}
await log.close();
writeFileSync(process.argv[2] ?? '', JSON.stringify({ lost: log.lostLines() }));
process.exit(7);
