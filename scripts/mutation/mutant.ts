/** A ruleset with one change. */
import type { Rules } from '../../src/core/rules.ts';

/** The change: to a rule of a chain, to one of its parts, or to an element of a set. */
export type Operator =
  | 'rule deleted'
  | 'rule doubled'
  | 'neighbours swapped'
  | 'condition dropped'
  | 'condition altered'
  | 'action altered'
  | 'probability altered'
  | 'element deleted'
  | 'element doubled'
  | 'elements swapped'
  | 'element altered';

export interface Mutant {
  readonly operator: Operator;
  /** The chain or set. */
  readonly place: string;
  /** Index of the rule in its chain, or of the element in its set. */
  readonly index: number;
  /** The rule or element before and after, for people. */
  readonly change: string;
  readonly rules: Rules;
}

/** Replaces a rule by another one, by none, or by several. */
export interface RuleChange<Rule> {
  readonly operator: Operator;
  readonly index: number;
  readonly rules: readonly Rule[];
  readonly change: string;
}

/** The changes to the list of rules of a chain, for any type of rule. */
export function listChanges<Rule>(
  rules: readonly Rule[],
  print: (rule: Rule) => string,
  alter: (rule: Rule) => readonly { readonly operator: Operator; readonly rule: Rule }[],
): readonly RuleChange<Rule>[] {
  return rules.flatMap((rule, index): readonly RuleChange<Rule>[] => {
    const text = print(rule);
    const next = rules[index + 1];
    const put = (...instead: readonly Rule[]): readonly Rule[] => rules.toSpliced(index, 1, ...instead);
    return [
      { operator: 'rule deleted', index, rules: put(), change: text },
      { operator: 'rule doubled', index, rules: put(rule, rule), change: text },
      ...(next === undefined
        ? []
        : [
            {
              operator: 'neighbours swapped' as const,
              index,
              rules: rules.toSpliced(index, 2, next, rule),
              change: `${text}  <->  ${print(next)}`,
            },
          ]),
      ...alter(rule).map(({ operator, rule: altered }) => ({
        operator,
        index,
        rules: put(altered),
        change: `${text}  =>  ${print(altered)}`,
      })),
    ];
  });
}
