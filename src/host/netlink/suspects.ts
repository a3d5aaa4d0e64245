/** What other programs may have changed of ours: sets with elements in nftables mode, chains in iptables mode. */
import type { NetlinkChange } from './decoder.ts';

/** Names of sets, or of chains with their table; `all` where anything may have changed. */
export type SuspectNames = ReadonlySet<string> | 'all';

/** Names that have to be looked at. */
export interface Suspects {
  /** Notes what changes that may be foreign are about. */
  add(changes: readonly NetlinkChange[]): void;
  /** Anything may have changed. */
  addAll(): void;
  /**
   * Looks at what is suspected, and suspects it no more; what is suspected while that goes on is for the next look. If
   * the look fails everything is suspected as before.
   */
  lookAt<T>(look: (names: SuspectNames) => Promise<T>): Promise<T>;
}

/** `nameOf`: what a change is about; undefined for what is of no account. */
export function createSuspects(nameOf: (change: NetlinkChange) => string | undefined | 'all'): Suspects {
  let names = new Set<string>();
  let isAll = false;
  return {
    add(changes) {
      for (const change of changes) {
        const name = nameOf(change);
        if (name === 'all') isAll = true;
        else if (name !== undefined) names.add(name);
      }
    },
    addAll() {
      isAll = true;
    },
    async lookAt(look) {
      const [taken, tookAll] = [names, isAll];
      names = new Set();
      isAll = false;
      try {
        return await look(tookAll ? 'all' : taken);
      } catch (error) {
        names = new Set([...taken, ...names]);
        isAll ||= tookAll;
        throw error;
      }
    },
  };
}
