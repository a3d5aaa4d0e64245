/** What somebody else may have changed of ours: sets with elements in nftables mode, chains in iptables mode. */
import type { RuleChange } from './netlink-decoder.ts';

export type SuspectNames = ReadonlySet<string> | 'all';

export interface Suspects {
  names(): SuspectNames;
  /** Of changes by somebody else; undefined when it is not known what changed. */
  add(changes: readonly RuleChange[] | undefined): void;
  /** These were looked at, unless they were suspected again since. */
  clear(names: SuspectNames): void;
}

/** `nameOf`: what a change is about; undefined for what is of no account. */
export function createSuspects(nameOf: (change: RuleChange) => string | undefined | 'all'): Suspects {
  let suspects: SuspectNames = new Set();
  return {
    names: () => suspects,
    add(changes) {
      const names = changes?.map(nameOf).filter((name) => name !== undefined) ?? ['all'];
      if (names.includes('all')) suspects = 'all';
      else if (names.length > 0 && suspects !== 'all') suspects = new Set([...suspects, ...names]);
    },
    clear(names) {
      // Another value than the one that was looked at has more in it.
      if (suspects === names) suspects = new Set();
    },
  };
}
