import { describe, expect, it } from 'vitest';
import { happen } from './support/happenings.ts';
import { findSilence, quiet, tellHistory } from './support/laws.ts';
import { end, startWorld } from './support/world.ts';

/** `HISTORIES=5000` plays more of them. */
const histories = Number(process.env['HISTORIES'] ?? 100);
const stepsBetween = 15;
/** Plays one history again, as the message of a failure names it: `HISTORY=17 npm test -- test/daemon/simulation`. */
const only = process.env['HISTORY'];

describe('the sync loop', () => {
  it('makes the kernel what the cluster says, whatever happens, once it is quiet', { timeout: 600_000 }, async () => {
    const seeds = only === undefined ? Array.from({ length: histories }, (_, i) => i + 1) : [Number(only)];
    const seen = new Set<string>();
    for (const seed of seeds) {
      const world = await startWorld(seed);
      for (let round = 0; round < 2; round += 1) {
        const problems: string[] = [];
        for (let step = 0; step < stepsBetween; step += 1) {
          await happen(world);
          problems.push(...findSilence(world));
        }
        problems.push(...(await quiet(world)));
        if (problems.length > 0) expect.fail(tellHistory(seed, problems, world));
      }
      await end(world);
      for (const { cause, families } of world.reports) {
        seen.add(cause);
        for (const { result, quarantined, lost } of families) {
          seen.add(result);
          if (quarantined.length > 0) seen.add('quarantined');
          if (lost.length > 0) seen.add('lost');
        }
      }
    }
    // Histories in which nothing much happens would make everything hold.
    const all = [
      'applied',
      'change',
      'failed',
      'lost',
      'period',
      'quarantined',
      'repair',
      'retry',
      'start',
      'unchanged',
    ];
    if (only === undefined) expect([...seen].sort()).toEqual(all);
  });
});
