/** Every mutant of an iptables ruleset. */
import { printRule } from '../../src/core/iptables/print/print.ts';
import type {
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
  IptablesTarget,
  Table,
} from '../../src/core/iptables/ruleset.ts';
import type { Protocol } from '../../src/core/model/objects.ts';
import { listChanges, type Mutant, type Operator } from './mutant.ts';
import { nextAddress, nextBlock } from './neighbours.ts';

export function iptablesMutants(ruleset: IptablesRuleset): readonly Mutant[] {
  return ruleset.tables.flatMap((table) => {
    const names = table.chains.map(({ name }) => name);
    return table.chains.flatMap((chain) => {
      const changes = listChanges(
        chain.rules,
        (rule) => printRule(ruleset.family, chain.name, rule),
        (rule) => alterRule(rule, names),
      );
      return changes.map(({ operator, index, change, rules }): Mutant => {
        const chains = table.chains.map((each) => (each === chain ? { ...chain, rules } : each));
        const place = `${table.name} ${chain.name}`;
        return {
          operator,
          place,
          index,
          change,
          rules: { mode: 'iptables', ruleset: withTable(ruleset, table, chains) },
        };
      });
    });
  });
}

function withTable(ruleset: IptablesRuleset, table: Table, chains: Table['chains']): IptablesRuleset {
  return { ...ruleset, tables: ruleset.tables.map((each) => (each === table ? { ...table, chains } : each)) };
}

interface Altered {
  readonly operator: Operator;
  readonly rule: IptablesRule;
}

function alterRule(rule: IptablesRule, chains: readonly string[]): readonly Altered[] {
  const { match, target } = rule;
  const dropped = Object.keys(match).map((field): Altered => {
    const { [field as keyof IptablesMatch]: _, ...others } = match;
    // A port without a protocol cannot be expressed.
    const { destinationPort: __, ...withoutPort }: IptablesMatch = others;
    const rest = field === 'protocol' ? withoutPort : others;
    return {
      operator: field === 'random' ? 'probability altered' : 'condition dropped',
      rule: { ...rule, match: rest },
    };
  });
  const altered = alterMatch(match).map(
    (change): Altered => ({ operator: 'condition altered', rule: { ...rule, match: change } }),
  );
  const drawn = match.random === undefined ? [] : [Math.floor(match.random / 2), match.random + 2 ** 20];
  const odds = drawn.map(
    (random): Altered => ({ operator: 'probability altered', rule: { ...rule, match: { ...match, random } } }),
  );
  const actions = target === undefined ? [] : alterTarget(target, chains);
  return [
    ...dropped,
    ...altered,
    ...odds,
    ...actions.map((change): Altered => ({ operator: 'action altered', rule: { ...rule, target: change } })),
  ];
}

const otherProtocol: Readonly<Record<Protocol, Protocol>> = { TCP: 'UDP', UDP: 'TCP', SCTP: 'TCP' };

/** Inverts each condition, or moves it to a neighbour. Times of `recent` are not part of the proof: docs/proof.md. */
function alterMatch(match: IptablesMatch): readonly IptablesMatch[] {
  const found: IptablesMatch[] = [];
  const { source, destination, protocol, destinationPort, mark, recent } = match;
  const negatables = [
    'source',
    'destination',
    'inputInterface',
    'sourceType',
    'destinationType',
    'ctStates',
    'mark',
  ] as const;
  for (const field of negatables) {
    const value = match[field];
    if (value === undefined) continue;
    const { negated, ...rest } = value;
    found.push({ ...match, [field]: negated === true ? rest : { ...rest, negated: true } });
  }
  if (source !== undefined) found.push({ ...match, source: { ...source, value: nextBlock(source.value) } });
  if (destination !== undefined) {
    found.push({ ...match, destination: { ...destination, value: nextBlock(destination.value) } });
  }
  if (protocol !== undefined) found.push({ ...match, protocol: otherProtocol[protocol] });
  if (destinationPort !== undefined) {
    const { from, to } = destinationPort;
    found.push({ ...match, destinationPort: from < to ? { from: from + 1, to } : nextPort(from) });
    if (from < to) found.push({ ...match, destinationPort: { from, to: to - 1 } });
  }
  if (mark !== undefined) {
    const value = { mark: (mark.value.mark << 1) >>> 0, mask: (mark.value.mask << 1) >>> 0 };
    found.push({ ...match, mark: { ...mark, value } });
  }
  if (recent !== undefined) found.push({ ...match, recent: { ...recent, name: `${recent.name}X` } });
  return found;
}

function nextPort(port: number): { readonly from: number; readonly to: number } {
  const next = (port + 1) % 0x10000;
  return { from: next, to: next };
}

function alterTarget(target: IptablesTarget, chains: readonly string[]): readonly IptablesTarget[] {
  switch (target.kind) {
    case 'accept':
    case 'return':
      return [{ kind: 'drop' }];
    case 'drop':
      return [{ kind: 'accept' }];
    case 'reject':
      return [{ kind: 'drop' }];
    case 'jump':
    case 'goto':
      return [
        { kind: 'return' },
        { kind: target.kind === 'jump' ? 'goto' : 'jump', chain: target.chain },
        { ...target, chain: chains[(chains.indexOf(target.chain) + 1) % chains.length] ?? target.chain },
      ];
    case 'dnat':
      return [
        { ...target, address: nextAddress(target.address) },
        { ...target, port: ((target.port ?? 0) + 1) % 0x10000 },
      ];
    case 'masquerade':
      return [{ kind: 'accept' }];
    case 'mark':
      return [{ ...target, mark: (target.mark << 1) >>> 0, mask: (target.mask << 1) >>> 0 }];
    case 'opaque':
      return [];
    default:
      return target satisfies never;
  }
}
