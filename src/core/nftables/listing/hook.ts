/** Parses the hook line of a base chain. */
import type { ForeignHook } from './ruleset.ts';

const hookNames = 'prerouting|input|forward|output|postrouting';
const hookPattern = new RegExp(
  `^type (filter|nat) hook (${hookNames}) priority (\\S+)(?: ([+-]) (\\d{1,9}))?; policy (accept|drop);$`,
);

/** The names that nft 1.0.6 gives to priorities of the families ip and ip6. */
const priorities: ReadonlyMap<string, number> = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['dstnat', -100],
  ['filter', 0],
  ['security', 50],
  ['srcnat', 100],
]);

/** `type nat hook output priority -100; policy accept;`. Undefined for any other text. */
export function readHook(line: string): ForeignHook | undefined {
  const [, type, hook, word = '', sign, distance, policy] = hookPattern.exec(line) ?? [];
  const from = priorities.get(word) ?? (/^-?\d{1,10}$/.test(word) ? Number(word) : undefined);
  if (type === undefined || hook === undefined || from === undefined) return undefined;
  const priority = from + (sign === '-' ? -1 : 1) * Number(distance ?? 0);
  const read = { type: type as ForeignHook['type'], hook: hook as ForeignHook['hook'], priority };
  return policy === 'drop' ? { ...read, policy } : read;
}
