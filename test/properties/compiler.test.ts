/** A compiler remembers: it must cost less for that, and nothing else may tell. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Compiler, type CompilerMemory, createCompiler, type FamilyCompilation } from '../../src/core/compiler.ts';
import { ipFamilies } from '../../src/core/model/address.ts';
import { constantCidr } from '../../src/core/model/cidr.ts';
import type { Manifest } from '../../src/core/model/objects.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { printRules, type Rules } from '../../src/core/rules.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../src/core/snapshot/snapshot.ts';
import { keysIn, valuesIn } from '../../src/core/structures/shards.ts';
import { arbitraryConfig, arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { service, snapshotOfManifests } from '../support/objects.ts';

const seed = 20_261_212;
const family = fc.constantFrom(...ipFamilies);

/** What comes to a snapshot, what leaves it, and whether there is an attempt before that makes the compiler throw. */
const batch = fc.record({
  objects: arbitraryObjects,
  isMany: fc.boolean(),
  gone: fc.constantFrom(0, 0, 1, 4),
  cidr: fc.constantFrom(undefined, undefined, '10.96.0.0/12', 'fd00:96::/112'),
  bad: fc.constantFrom(undefined, undefined, 'a port that is none', 'a name that is not ASCII'),
});
type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;
const history = fc.array(batch, { minLength: 1, maxLength: 5 });

function next(before: Snapshot, { objects, isMany, gone, cidr }: Batch): Snapshot {
  const manifests = isMany ? objects : objects.slice(-1);
  return reduce(before, [
    ...keysIn(before.services)
      .slice(0, gone)
      .map((key): SnapshotEvent => ({ type: 'delete', kind: 'Service', key })),
    ...manifests.map((manifest): SnapshotEvent => ({ type: 'set', manifest })),
    ...(cidr === undefined ? [] : [setCidr(cidr)]),
  ]);
}

function setCidr(cidr: string): SnapshotEvent {
  return { type: 'set', manifest: { kind: 'ServiceCIDR', object: { name: 'all', cidrs: [constantCidr(cidr)] } } };
}

/** Such objects do not come from the API; they stand for our bugs, which must not affect later results. */
function tryBad(compiler: Compiler, snapshot: Snapshot, { bad }: Batch): void {
  if (bad === undefined) return;
  const object =
    bad === 'a name that is not ASCII'
      ? service('ü', { affinityTimeoutSeconds: 10 })
      : service('bad', { ports: [{ name: '', protocol: 'TCP', port: 70_000 }] });
  const spoiled = reduce(snapshot, [{ type: 'set', manifest: { kind: 'Service', object } }]);
  try {
    compiler.compile(spoiled);
  } catch {
    thrown += 1;
  }
}

let thrown = 0;

/** All that a compilation says, as text. */
function textOf({ plan, rules, diagnostics }: FamilyCompilation): string {
  return [JSON.stringify(plan), printRules(rules), JSON.stringify(diagnostics)].join('\n');
}

/** The same objects, none of them the same value. */
function fromScratch(snapshot: Snapshot): Snapshot {
  const { services, slices, nodes, serviceCidrs } = structuredClone(snapshot);
  const manifests: Manifest[] = [
    ...valuesIn(services).map((object) => ({ kind: 'Service', object }) as const),
    ...valuesIn(slices)
      .flatMap((ofService) => [...ofService.values()])
      .map((object) => ({ kind: 'EndpointSlice', object }) as const),
    ...[...nodes.values()].map((object) => ({ kind: 'Node', object }) as const),
    ...[...serviceCidrs.values()].map((object) => ({ kind: 'ServiceCIDR', object }) as const),
  ];
  return snapshotOfManifests(manifests);
}

describe('a compiler', () => {
  it('gives the same plan, rules, diagnostics and transactions as a new one, after any history', () => {
    fc.assert(
      fc.property(history, arbitraryConfig, family, (batches, config, ipFamily) => {
        const compiler = createCompiler(config, ipFamily);
        let snapshot = emptySnapshot;
        let applied: Rules | undefined;
        for (const each of batches) {
          tryBad(compiler, snapshot, each);
          snapshot = next(snapshot, each);
          const compiled = compiler.compile(snapshot);
          const change = compiler.diff(applied, compiled.rules);
          const anew = createCompiler(structuredClone(config), ipFamily);
          const expected = anew.compile(fromScratch(snapshot));
          const expectedChange = anew.diff(structuredClone(applied), expected.rules);
          expect(textOf(compiled)).toBe(textOf(expected));
          expect(change.text).toBe(expectedChange.text);
          expect(change.summary).toEqual(expectedChange.summary);
          expect(printRules(change.applied)).toBe(printRules(expectedChange.applied));
          applied = change.applied;
        }
      }),
      { seed, numRuns: 200 },
    );
    expect(thrown).toBeGreaterThan(20);
  });

  it('keeps nothing of deleted Services', () => {
    fc.assert(
      fc.property(arbitraryObjects, arbitraryConfig, family, (objects, config, ipFamily) => {
        const compiler = createCompiler(config, ipFamily);
        const snapshot = snapshotOfManifests(objects);
        const { rules } = compiler.compile(snapshot);
        const { applied } = compiler.diff(undefined, rules);
        const keys = keysIn(snapshot.services);
        const namesIn = (): readonly string[] => keys.filter((key) => show(compiler.memory).includes(key));
        expect(namesIn()).toEqual(keys);
        const without = reduce(snapshot, [
          ...keys.map((key): SnapshotEvent => ({ type: 'delete', kind: 'Service', key })),
          ...keysIn(snapshot.sliceOwners).map((key): SnapshotEvent => ({ type: 'delete', kind: 'EndpointSlice', key })),
        ]);
        compiler.diff(applied, compiler.compile(without).rules);
        expect(namesIn()).toEqual([]);
      }),
      { seed },
    );
  });
});

/** The memory as text; a WeakMap shows nothing, as it keeps nothing. */
function show(memory: CompilerMemory): string {
  return JSON.stringify(memory, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}
