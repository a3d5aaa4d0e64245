/** Drift: what another program changed in our chains and jumps, as one line each. */
import { describeSome } from '../../structures/named-difference.ts';
import { calledChain } from '../chain-owners.ts';
import type { IptablesRule, IptablesRuleset, Table, TableName } from '../ruleset.ts';
import type { IptablesOperation } from './operations.ts';
import { diffTable } from './table.ts';

/** How what was found differs from the ruleset that was applied; empty when `diffRulesets` would have nothing to do. */
export function findDrift(applied: IptablesRuleset, found: IptablesRuleset): readonly string[] {
  const { family } = applied;
  return applied.tables.flatMap((wanted) => {
    const last = found.tables.find(({ name }) => name === wanted.name) ?? { name: wanted.name, chains: [] };
    return describeRepair(last, wanted, diffTable({ family, table: wanted.name, last, wanted }));
  });
}

/** What would have to be done, as what is wrong. */
function describeRepair(found: Table, applied: Table, repair: readonly IptablesOperation[]): readonly string[] {
  const chainsOf = (kind: IptablesOperation['kind']): readonly string[] =>
    repair.filter((operation) => operation.kind === kind).map(({ chain }) => chain);
  const foreign = new Set(chainsOf('deleteChain'));
  const changed = chainsOf('flushChain').filter((chain) => !foreign.has(chain));
  const rulesIn = ({ chains }: Table, name: string) => chains.find((chain) => chain.name === name)?.rules.length ?? 0;
  const { name: table } = applied;
  return [
    ...describeSome(chainsOf('addChain'), (chain) => `chain ${table} ${chain} is gone`),
    ...describeSome(changed, (chain) => {
      const counts = describeCounts(rulesIn(found, chain), rulesIn(applied, chain));
      return `chain ${table} ${chain} has ${counts}`;
    }),
    ...describeSome([...foreign], (chain) => `chain ${table} ${chain} is unexpected`),
    ...describeJumps(table, repair),
  ];
}

/** The numbers may be the same while the rules are not. */
function describeCounts(found: number, applied: number): string {
  const rules = found === 1 ? '1 rule' : `${found} rules`;
  return found === applied ? `${rules}, not those that were applied` : `${rules}, expected ${applied}`;
}

function describeJumps(table: TableName, repair: readonly IptablesOperation[]): readonly string[] {
  const jumps = (kind: 'insertRule' | 'deleteRule'): readonly string[] =>
    repair.flatMap((operation) =>
      operation.kind === kind ? [describeJump(table, operation.chain, operation.rule)] : [],
    );
  const [inserted, deleted] = [jumps('insertRule'), jumps('deleteRule')];
  return [
    ...inserted.map((jump) => (deleted.includes(jump) ? `${jump} is out of place` : `${jump} is gone`)),
    ...deleted.filter((jump) => !inserted.includes(jump)).map((jump) => `${jump} is unexpected`),
  ];
}

function describeJump(table: TableName, chain: string, rule: IptablesRule): string {
  return `the jump from ${table} ${chain} to ${calledChain(rule) ?? ''}`;
}
