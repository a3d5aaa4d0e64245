/** What somebody else changed in our chains and jumps: a line for each thing, for people. */
import { describeSome } from '../transaction.ts';
import type { Operation } from './diff-operations.ts';
import { diffTable } from './diff-table.ts';
import { mayJumpToOurs, type Ownership } from './ours.ts';
import { printRules } from './print.ts';
import type { Chain, Rule, Ruleset, Table, TableName } from './ruleset.ts';
import { readOurs, type SavedChains } from './saved.ts';

/**
 * How the chains that are in the kernel differ from the ruleset that was applied; empty when `diffRulesets` would have
 * nothing to do. Only chains whose text is not the one that was sent are read.
 */
export function findDrift(applied: Ruleset, saved: SavedChains, ownership: Ownership): readonly string[] {
  const { family } = applied;
  const isUntouched = (table: TableName, chain: Chain): boolean =>
    !mayJumpToOurs(table, chain.name) && saved.get(table)?.get(chain.name) === printRules(family, chain);
  const standing = applied.tables.map(({ name: table, chains }) => {
    const untouched = chains.filter((chain) => isUntouched(table, chain));
    return { table, untouched, names: new Set(untouched.map(({ name }) => name)) };
  });
  const isTouched = (table: TableName, name: string): boolean =>
    standing.find((each) => each.table === table)?.names.has(name) !== true;
  const { ruleset: found, problems } = readOurs(family, saved, ownership, isTouched);
  return [
    ...problems.map(({ text }) => `not understood: ${JSON.stringify(text)}`),
    ...applied.tables.flatMap((wanted) => {
      const untouched = standing.find(({ table }) => table === wanted.name)?.untouched ?? [];
      const others = found.tables.find(({ name }) => name === wanted.name)?.chains ?? [];
      const last: Table = { name: wanted.name, chains: [...untouched, ...others] };
      return describeRepair(last, wanted, diffTable({ family, table: wanted.name, last, wanted }));
    }),
  ];
}

/** What would have to be done, as what is wrong. */
function describeRepair(found: Table, applied: Table, repair: readonly Operation[]): readonly string[] {
  const chainsOf = (kind: Operation['kind']): readonly string[] =>
    repair.filter((operation) => operation.kind === kind).map(({ chain }) => chain);
  const foreign = new Set(chainsOf('deleteChain'));
  const changed = chainsOf('flushChain').filter((chain) => !foreign.has(chain));
  const rulesIn = ({ chains }: Table, name: string) => chains.find((chain) => chain.name === name)?.rules.length ?? 0;
  const { name: table } = applied;
  return [
    ...describeSome(chainsOf('addChain'), (chain) => `chain ${table} ${chain} is gone`),
    ...describeSome(changed, (chain) => {
      const counts = `${rulesIn(found, chain)}; ${rulesIn(applied, chain)} were applied`;
      return `chain ${table} ${chain} has other rules (${counts})`;
    }),
    ...describeSome([...foreign], (chain) => `chain ${table} ${chain} is not ours`),
    ...describeJumps(table, repair),
  ];
}

function describeJumps(table: TableName, repair: readonly Operation[]): readonly string[] {
  const jumps = (kind: 'insertRule' | 'deleteRule'): readonly string[] =>
    repair.flatMap((operation) =>
      operation.kind === kind ? [describeJump(table, operation.chain, operation.rule)] : [],
    );
  const [inserted, deleted] = [jumps('insertRule'), jumps('deleteRule')];
  return [
    ...inserted.map((jump) => (deleted.includes(jump) ? `${jump} is out of place` : `${jump} is gone`)),
    ...deleted.filter((jump) => !inserted.includes(jump)).map((jump) => `${jump} is not ours`),
  ];
}

function describeJump(table: TableName, chain: string, { target }: Rule): string {
  const callee = target !== undefined && 'chain' in target ? target.chain : '';
  return `the jump from ${table} ${chain} to ${callee}`;
}
