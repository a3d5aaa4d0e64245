/** Every mutant of an nftables ruleset. */
import { printRule } from '../../../src/core/nftables/print/rule.ts';
import type {
  Key,
  NamedSet,
  NftablesMatch,
  NftablesRule,
  NftablesRuleset,
  Statement,
} from '../../../src/core/nftables/ruleset.ts';
import { listChanges, type Mutant, type Operator } from '../mutant.ts';
import { nextAddress, nextBlock } from '../neighbours.ts';
import { elementMutants } from './elements.ts';

export function nftablesMutants(ruleset: NftablesRuleset): readonly Mutant[] {
  return [...ruleset.chains.flatMap((chain) => chainMutants(ruleset, chain)), ...elementMutants(ruleset)];
}

function chainMutants(ruleset: NftablesRuleset, chain: NftablesRuleset['chains'][number]): readonly Mutant[] {
  const changes = listChanges(
    chain.rules,
    (rule) => printRule(ruleset.family, rule),
    (rule) => alterRule(rule, ruleset),
  );
  return changes.map(({ operator, index, change, rules }): Mutant => {
    const chains = ruleset.chains.map((each) => (each === chain ? { ...chain, rules } : each));
    return { operator, place: chain.name, index, change, rules: { mode: 'nftables', ruleset: { ...ruleset, chains } } };
  });
}

interface Altered {
  readonly operator: Operator;
  readonly rule: NftablesRule;
}

function alterRule(rule: NftablesRule, ruleset: NftablesRuleset): readonly Altered[] {
  const { matches, statements } = rule;
  return [
    ...matches.map(
      (_, i): Altered => ({ operator: 'condition dropped', rule: { ...rule, matches: matches.toSpliced(i, 1) } }),
    ),
    ...matches.flatMap((match, i) =>
      alterMatch(match, ruleset).map(
        (altered): Altered => ({ operator: 'condition altered', rule: { ...rule, matches: matches.with(i, altered) } }),
      ),
    ),
    ...statements.flatMap((_, i): readonly Altered[] =>
      // A rule has something to do, or it could not be loaded.
      statements.length === 1
        ? []
        : [{ operator: 'action altered', rule: { ...rule, statements: statements.toSpliced(i, 1) } }],
    ),
    ...statements.flatMap((statement, i) =>
      alterStatement(statement, ruleset).map(
        ({ operator, statement: altered }): Altered => ({
          operator,
          rule: { ...rule, statements: statements.with(i, altered) },
        }),
      ),
    ),
  ];
}

function alterMatch(match: NftablesMatch, { sets }: NftablesRuleset): readonly NftablesMatch[] {
  switch (match.kind) {
    case 'in':
      return [turned(match), ...othersLike(match.set, sets).map((set): NftablesMatch => ({ ...match, set }))];
    case 'block':
      return [turned(match), { ...match, block: nextBlock(match.block) }];
    case 'protocols':
      return [turned(match)];
    case 'inputInterface':
      return [turned(match), { ...match, name: match.name === 'x0' ? 'x1' : 'x0' }];
    case 'destinationRewritten':
      return [turned(match)];
    case 'local':
      return [{ ...match, field: match.field === 'saddr' ? 'daddr' : 'saddr' }];
    case 'ctState':
      return [{ ...match, state: match.state === 'new' ? 'invalid' : 'new' }];
    case 'markBit':
      return [{ ...match, bit: (match.bit + 1) % 32 }];
    default:
      return match satisfies never;
  }
}

function turned<T extends { readonly negated?: true }>(match: T): T {
  const { negated, ...rest } = match;
  return (negated === true ? rest : { ...rest, negated: true }) as T;
}

/** The next set or map of the same kind, if there is another. */
function othersLike(name: string, sets: readonly NamedSet[]): readonly string[] {
  const own = sets.find((set) => set.name === name);
  const kind = (set: NamedSet | undefined): string => `${set?.key.join()} ${set?.value} ${set?.isInterval}`;
  const alike = sets.filter((set) => kind(set) === kind(own)).map((set) => set.name);
  const other = alike[(alike.indexOf(name) + 1) % alike.length];
  return other === undefined || other === name ? [] : [other];
}

interface AlteredStatement {
  readonly operator: Operator;
  readonly statement: Statement;
}

function alterStatement(statement: Statement, { sets, chains }: NftablesRuleset): readonly AlteredStatement[] {
  const action = (...made: readonly Statement[]): readonly AlteredStatement[] =>
    made.map((each) => ({ operator: 'action altered', statement: each }));
  switch (statement.kind) {
    case 'accept':
    case 'return':
      return action({ kind: 'drop' });
    case 'drop':
    case 'masquerade':
      return action({ kind: 'accept' });
    case 'reject':
      return action({ kind: 'drop' });
    case 'jump':
    case 'goto': {
      const names = chains.filter(({ hook }) => hook === undefined).map(({ name }) => name);
      const other = names[(names.indexOf(statement.chain) + 1) % names.length] ?? statement.chain;
      return action(
        { kind: statement.kind === 'jump' ? 'goto' : 'jump', chain: statement.chain },
        { kind: statement.kind, chain: other },
      );
    }
    case 'verdictMap':
    case 'dnatMap':
      return [
        ...action(...othersLike(statement.map, sets).map((map): Statement => ({ ...statement, map }))),
        ...otherOdds(statement.key).map(
          (key): AlteredStatement => ({ operator: 'probability altered', statement: { ...statement, key } }),
        ),
      ];
    case 'chooseChain':
      return [
        {
          operator: 'probability altered',
          statement: { ...statement, chains: [...statement.chains, statement.chains[0] ?? ''] },
        },
      ];
    case 'dnat':
      return action(
        { ...statement, address: nextAddress(statement.address) },
        { ...statement, port: (statement.port + 1) % 0x10000 },
      );
    case 'setMarkBit':
    case 'clearMarkBit':
      return action({ ...statement, bit: (statement.bit + 1) % 32 });
    case 'remember':
      return action(...othersLike(statement.set, sets).map((set): Statement => ({ ...statement, set })));
    default:
      return statement satisfies never;
  }
}

/** One endpoint more or less to choose from. */
function otherOdds(key: Key): readonly Key[] {
  return key.flatMap((field, i) =>
    typeof field === 'object'
      ? [field.random + 1, field.random - 1].filter((random) => random > 0).map((random) => key.with(i, { random }))
      : [],
  );
}
