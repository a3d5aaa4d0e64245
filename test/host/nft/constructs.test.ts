/** What the probe asks for is all that the compiler uses. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { lower } from '../../../src/core/nftables/lower/lower.ts';
import type { NamedSet, NftablesChain, NftablesRuleset } from '../../../src/core/nftables/ruleset.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { constructsInUse } from '../../../src/host/nft/constructs.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../../support/objects.ts';

/** Names, numbers and addresses differ and do not matter: what is left is what nft and the kernel have to know. */
const particulars = ['name', 'chain', 'set', 'map', 'chains', 'block', 'address', 'port', 'bit', 'random'];

function shapesOf({ sets, chains }: NftablesRuleset): readonly string[] {
  return [...sets.flatMap(shapesOfSet), ...chains.flatMap(shapesOfChain)];
}

function shapesOfSet({ groups, timeoutSeconds, ...set }: NamedSet): readonly string[] {
  const kinds = groups.flat().flatMap(({ elements }) => elements.map(({ value }) => value?.kind));
  const declaration = { ...set, isForgetful: timeoutSeconds !== undefined };
  return [shapeOf(declaration), ...kinds.map((kind) => `${set.value} element ${kind}`)];
}

function shapesOfChain({ hook, rules }: NftablesChain): readonly string[] {
  return [
    ...(hook === undefined ? [] : [shapeOf(hook)]),
    ...rules.flatMap(({ matches, statements }) => [...matches, ...statements].map(shapeOf)),
  ];
}

function shapeOf(value: object): string {
  return JSON.stringify(value, (key, part) => {
    if (key === 'protocols') return part.length > 1 ? 'several' : 'one';
    // A wildcard or a name, a random number or a field: these are different things.
    if (key === 'name' && part.endsWith('*')) return '*';
    return particulars.includes(key) ? '' : part;
  });
}

it.each(ipFamilies)('covers everything in %s rulesets of random clusters', (family) => {
  const covered = new Set(constructsInUse(family).flatMap(({ ruleset }) => shapesOf(ruleset)));
  const used = new Set<string>();
  fc.assert(
    fc.property(arbitraryObjects, arbitraryConfig, (objects, config) => {
      const { plan } = planFamily(snapshotOfManifests(objects), { ...config, mode: 'nftables' }, family);
      for (const shape of shapesOf(lower(plan))) used.add(shape);
    }),
    { numRuns: 300, seed: 20261123 },
  );
  expect([...used].filter((shape) => !covered.has(shape))).toEqual([]);
  // Little more is asked for than what is used: a kernel must not be refused for nothing.
  expect([...covered].filter((shape) => !used.has(shape))).toEqual([]);
});

it('gives each construct a name, and each chain and set', () => {
  for (const family of ipFamilies) {
    const constructs = constructsInUse(family);
    const names = constructs.flatMap(({ ruleset }) => [...ruleset.sets, ...ruleset.chains].map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(constructs.map(({ name }) => name)).size).toBe(constructs.length);
  }
});
