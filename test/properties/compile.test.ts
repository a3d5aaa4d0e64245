import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, createCompiler } from '../../src/core/compiler.ts';
import type { NodeConfig } from '../../src/core/model/config.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { printRules } from '../../src/core/rules.ts';
import { reduce } from '../../src/core/snapshot/snapshot.ts';
import { arbitraryConfig, arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../support/objects.ts';

/** All that a compile says, as text: rules of both families and diagnostics. */
function textOf(snapshot: Snapshot, config: NodeConfig): string {
  const { rules, diagnostics } = compile(snapshot, config);
  return [...Object.values(rules).map(printRules), JSON.stringify(diagnostics)].join('\n');
}

const shuffledObjects = arbitraryObjects.chain((objects) =>
  fc.tuple(fc.constant(objects), fc.shuffledSubarray([...objects], { minLength: objects.length })),
);

describe('compile', () => {
  it('gives the same bytes whatever the order of the objects', () => {
    fc.assert(
      fc.property(shuffledObjects, arbitraryConfig, ([objects, shuffled], config) => {
        const text = textOf(snapshotOfManifests(objects), config);
        expect(textOf(snapshotOfManifests(shuffled), config)).toBe(text);
      }),
    );
  });

  it('keeps the chains of every Service that a change does not affect', () => {
    fc.assert(
      fc.property(arbitraryObjects, arbitraryConfig, (objects, config) => {
        const slice = objects.find(({ kind }) => kind === 'EndpointSlice');
        fc.pre(slice?.kind === 'EndpointSlice');
        const before = snapshotOfManifests(objects);
        const key = `${slice.object.namespace}/${slice.object.name}`;
        const after = reduce(before, [{ type: 'delete', kind: 'EndpointSlice', key }]);
        const compiler = createCompiler(config, 'IPv4');
        const [a, b] = [before, after].map((snapshot) => compiler.compile(snapshot).plan);
        const others = (a?.servicePorts ?? []).flat().filter(({ id }) => id.name !== slice.object.serviceName);
        for (const servicePort of others) expect(b?.servicePorts.flat()).toContain(servicePort);
      }),
    );
  });
});
