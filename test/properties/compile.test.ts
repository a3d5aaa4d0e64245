import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/core/compiler.ts';
import type { NodeConfig } from '../../src/core/model/config.ts';
import type { Manifest } from '../../src/core/model/objects.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { printRules } from '../../src/core/rules.ts';
import { reduce } from '../../src/core/snapshot/snapshot.ts';
import { valuesIn } from '../../src/core/structures/shards.ts';
import { arbitraryConfig, arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../support/objects.ts';

/** All that a compile says, as text: rules of both families and diagnostics. */
function textOf(snapshot: Snapshot, config: NodeConfig): string {
  const { rules, diagnostics } = compile(snapshot, config);
  return [...Object.values(rules).map(printRules), JSON.stringify(diagnostics)].join('\n');
}

/** A copy that shares no identity, so that nothing is remembered about it. */
function copyOf<T>(value: T): T {
  return structuredClone(value);
}

const shuffledObjects = arbitraryObjects.chain((objects) =>
  fc.tuple(fc.constant(objects), fc.shuffledSubarray([...objects], { minLength: objects.length })),
);

describe('compile', () => {
  it('gives the same bytes whatever the order of the objects', () => {
    fc.assert(
      fc.property(shuffledObjects, arbitraryConfig, ([objects, shuffled], config) => {
        const text = textOf(snapshotOfManifests(objects), config);
        expect(textOf(snapshotOfManifests(shuffled), copyOf(config))).toBe(text);
      }),
    );
  });

  it('gives the same bytes step by step as from scratch', () => {
    fc.assert(
      fc.property(arbitraryObjects, arbitraryObjects, arbitraryConfig, (before, changes, config) => {
        let snapshot = snapshotOfManifests(before);
        textOf(snapshot, config);
        for (const manifest of changes) {
          snapshot = reduce(snapshot, [{ type: 'set', manifest }]);
          expect(textOf(snapshot, config)).toBe(textOf(fromScratch(snapshot), copyOf(config)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the chains of every Service that a change does not concern', () => {
    fc.assert(
      fc.property(arbitraryObjects, arbitraryConfig, (objects, config) => {
        const slice = objects.find(({ kind }) => kind === 'EndpointSlice');
        fc.pre(slice?.kind === 'EndpointSlice');
        const before = snapshotOfManifests(objects);
        const key = `${slice.object.namespace}/${slice.object.name}`;
        const after = reduce(before, [{ type: 'delete', kind: 'EndpointSlice', key }]);
        const [a, b] = [before, after].map((snapshot) => compile(snapshot, config, ['IPv4']).plans.IPv4);
        const others = (a?.servicePorts ?? []).flat().filter(({ id }) => id.name !== slice.object.serviceName);
        for (const servicePort of others) expect(b?.servicePorts.flat()).toContain(servicePort);
      }),
    );
  });
});

function fromScratch(snapshot: Snapshot): Snapshot {
  const manifests: Manifest[] = [
    ...valuesIn(snapshot.services).map((object) => ({ kind: 'Service', object: copyOf(object) }) as const),
    ...valuesIn(snapshot.slices)
      .flatMap((slices) => [...slices.values()])
      .map((object) => ({ kind: 'EndpointSlice', object: copyOf(object) }) as const),
    ...[...snapshot.nodes.values()].map((object) => ({ kind: 'Node', object: copyOf(object) }) as const),
  ];
  return snapshotOfManifests(manifests);
}
