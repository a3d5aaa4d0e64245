/** Random clusters before and after a change, for the laws of transactions. */
import fc from 'fast-check';
import { type CompilerMemory, emptyCompilerMemory } from '../../../src/core/compiler.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { reduce } from '../../../src/core/snapshot/snapshot.ts';
import { snapshotOfManifests } from '../objects.ts';
import { arbitraryConfig, arbitraryObjects } from './snapshot.ts';

/** What it does for the first of a pair it may remember for the second. */
type Compile<T> = (snapshot: Snapshot, config: NodeConfig, family: IpFamily, memory: CompilerMemory) => T;

/** A few objects set anew, or another cluster altogether, now and then with other settings; both compiled. */
export function arbitraryPair<T>(compile: Compile<T>): fc.Arbitrary<readonly [T, T]> {
  return fc
    .record({
      family: fc.constantFrom(...ipFamilies),
      objects: arbitraryObjects,
      others: arbitraryObjects,
      isAnother: fc.constantFrom(false, false, true),
      config: arbitraryConfig,
      otherConfig: fc.option(arbitraryConfig, { freq: 3, nil: undefined }),
    })
    .map(({ family, objects, others, isAnother, config, otherConfig }) => {
      const before = snapshotOfManifests(objects);
      const after = isAnother
        ? snapshotOfManifests(others)
        : reduce(
            before,
            others.map((manifest) => ({ type: 'set', manifest })),
          );
      const memory = emptyCompilerMemory();
      return [compile(before, config, family, memory), compile(after, otherConfig ?? config, family, memory)];
    });
}
