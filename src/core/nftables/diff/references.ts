/** The names that a rule or an element refers to. */
import type { Element, NftablesRule } from '../ruleset.ts';

/** The sets and maps that a rule looks into or adds to. */
export function setsOfRule({ matches, statements }: NftablesRule): readonly string[] {
  const found: string[] = [];
  for (const match of matches) {
    if (match.kind === 'in') found.push(match.set);
  }
  for (const statement of statements) {
    if (statement.kind === 'verdictMap' || statement.kind === 'dnatMap') found.push(statement.map);
    if (statement.kind === 'remember') found.push(statement.set);
  }
  return found;
}

/** The chains that a rule jumps or goes to, except by way of a map. */
export function chainsOfRule({ statements }: NftablesRule): readonly string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === 'jump' || statement.kind === 'goto') return [statement.chain];
    return statement.kind === 'chooseChain' ? statement.chains : [];
  });
}

/** The chain that an element of a verdict map sends packets to. */
export function chainOfElement({ value }: Element): string | undefined {
  return value?.kind === 'jump' || value?.kind === 'goto' ? value.chain : undefined;
}
