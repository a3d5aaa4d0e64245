/** What must be so in any history, at any time and when it is quiet. */
import { compile } from '../../../src/core/compiler.ts';
import { namespacedName } from '../../../src/core/model/objects.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { findIn, keysIn, valuesIn } from '../../../src/core/structures/shards.ts';
import { changedServices } from '../../../src/daemon/refused/hold-back.ts';
import { isSame } from './fake-kernel.ts';
import { poison } from './happenings.ts';
import type { World } from './world.ts';

/** What is not in the kernel and not held back must be known to the loop: probes and metrics go by it. */
export function findSilence({ loop, truth, reports }: World): readonly string[] {
  if (loop.behindSinceMs() !== undefined) return [];
  const held = new Set(reports.at(-1)?.families.flatMap(({ quarantined }) => quarantined));
  return loop.standing().families.flatMap(({ kernel, snapshot }) =>
    changedServices(snapshot, truth)
      .filter((key) => !held.has(key) && isDifferent(key, snapshot, truth))
      .map((key) => `${kernel.family}: ${key} is not programmed, and it says that it is not behind`),
  );
}

/** Nothing happens for so long that everything must be as it should. Gives what is wrong then. */
export async function quiet(world: World): Promise<readonly string[]> {
  for (const kernel of world.kernels) kernel.faults.length = 0;
  await world.clock.advance(120_000);
  // Who was held back by mistake is tried again, if later each time.
  if (isAnyHeld(world)) await world.clock.advance(600_000);
  const problems: string[] = [];
  for (const [i, kernel] of world.kernels.entries()) {
    const standing = world.loop.standing().families[i];
    const wanted = compile(standing?.snapshot ?? emptySnapshot, world.config, [kernel.family]).rules[kernel.family];
    if (wanted === undefined || !isSame(kernel.content, wanted))
      problems.push(`${kernel.family}: not what was compiled`);
    const programmed = standing?.snapshot ?? emptySnapshot;
    const behind = changedServices(programmed, world.truth).filter((key) => isDifferent(key, programmed, world.truth));
    const unexplained = behind.filter(
      (key) => !isPoisoned(world.truth, key) && !uncoversPoison(world, programmed, key),
    );
    if (unexplained.length > 0) problems.push(`${kernel.family}: ${unexplained.join()} not programmed`);
  }
  if (world.loop.behindSinceMs() !== undefined) problems.push('it says that it is behind');
  if (world.bugs.some((bug) => !bug.includes('a follower fails'))) problems.push(...world.bugs);
  return problems;
}

function isAnyHeld({ reports }: World): boolean {
  return reports.at(-1)?.families.some(({ quarantined }) => quarantined.length > 0) ?? false;
}

/**
 * Whether a poisoned Service claims an address or port of this one: while this one has it, nothing of the other is in
 * the rules. When it is given up the kernel refuses that step, and it is this one that changed.
 */
function uncoversPoison({ truth }: World, programmed: Snapshot, key: string): boolean {
  const mine = new Set(claimsOf(programmed, key));
  return keysIn(truth.services).some(
    (other) => isPoisoned(truth, other) && claimsOf(truth, other).some((claim) => mine.has(claim)),
  );
}

function claimsOf({ services }: Snapshot, key: string): readonly (string | number)[] {
  const service = findIn(services, key);
  if (service === undefined) return [];
  const { clusterIps, externalIps, loadBalancerIps, ports } = service;
  const nodePorts = ports.flatMap(({ nodePort }) => nodePort ?? []);
  return [...Object.values(clusterIps), ...externalIps, ...loadBalancerIps, ...nodePorts];
}

/** By value: whoever hears of several changes at once may have other objects that say the same. */
function isDifferent(key: string, a: Snapshot, b: Snapshot): boolean {
  const [textOfA, textOfB] = [a, b].map(({ services, slices }) =>
    JSON.stringify([findIn(services, key), [...(findIn(slices, key) ?? [])].sort()]),
  );
  return textOfA !== textOfB;
}

function isPoisoned({ slices }: Snapshot, key: string): boolean {
  return [...(findIn(slices, key)?.values() ?? [])].some(({ endpoints }) =>
    endpoints.some(({ address }) => address === poison),
  );
}

/** The seed is part of what is said, so that a history can be played again. */
export function tellHistory(seed: number, problems: readonly string[], world: World): string {
  const services = valuesIn(world.truth.services).map(namespacedName).join(', ');
  return `history ${seed} (${world.config.mode}, ${services}): ${problems.join('; ')}`;
}
