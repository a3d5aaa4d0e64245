/** The sets of our table whose elements somebody else may have changed. */
import type { RuleChange } from './netlink-decoder.ts';

export type SuspectNames = ReadonlySet<string> | 'all';

export interface SuspectSets {
  names(): SuspectNames;
  /** Of changes by somebody else; undefined when it is not known what changed. */
  add(changes: readonly RuleChange[] | undefined): void;
  /** These were looked at and are as they should be, unless they were suspected again since. */
  clear(names: SuspectNames): void;
}

export function suspectSets(): SuspectSets {
  let suspects: SuspectNames = new Set();
  return {
    names: () => suspects,
    add(changes) {
      if (changes === undefined) {
        suspects = 'all';
        return;
      }
      const touched = changes.flatMap(({ object, name }) => (object === 'elements' || object === 'set' ? [name] : []));
      const names = touched.filter((name) => name !== undefined);
      if (names.length > 0 && suspects !== 'all') suspects = new Set([...suspects, ...names]);
    },
    clear(names) {
      // Another value than the one that was looked at has more in it.
      if (suspects === names) suspects = new Set();
    },
  };
}
