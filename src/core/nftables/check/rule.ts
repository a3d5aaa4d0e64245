/** Facts about a chain alone: valid for the same value. */
import { familyOf, type IpFamily } from '../../model/address.ts';
import { memoizeFor } from '../../structures/memoize.ts';
import type {
  ElementType,
  Key,
  KeyField,
  NamedSet,
  NftablesChain,
  NftablesMatch,
  NftablesRule,
  Statement,
} from '../ruleset.ts';
import { isInteger, isInterface } from '../words.ts';

export interface ChainFacts {
  readonly problems: readonly string[];
  /** The chains that its rules jump or go to, each once. */
  readonly callees: readonly string[];
  readonly lookups: readonly Lookup[];
}

/** A look-up of a rule in a set, or a write to it. */
export interface Lookup {
  readonly set: string;
  readonly key: readonly ElementType[];
  readonly value: NamedSet['value'];
  readonly writes: boolean;
}

/** The facts about a chain of a family. */
export const chainFacts = memoizeFor(
  (family: IpFamily) => family,
  (family, { rules, hook }: NftablesChain): ChainFacts => {
    const parts = rules.flatMap(({ matches, statements }) => [...matches, ...statements]);
    const problems = rules.flatMap((rule, i) =>
      ruleProblems(family, rule).map((problem) => `rule ${i + 1}: ${problem}`),
    );
    if (hook !== undefined && !isInteger(hook.priority, -0x80000000, 0x7fffffff)) problems.push('not a priority');
    return {
      problems,
      callees: [...new Set(parts.flatMap(calleesOf))],
      lookups: parts.flatMap(lookupOf),
    };
  },
);

function calleesOf(part: NftablesMatch | Statement): readonly string[] {
  if (part.kind === 'jump' || part.kind === 'goto') return [part.chain];
  return part.kind === 'chooseChain' ? part.chains : [];
}

function lookupOf(part: NftablesMatch | Statement): readonly Lookup[] {
  switch (part.kind) {
    case 'in':
      return [{ set: part.set, key: typesOf(part.key), value: undefined, writes: false }];
    case 'verdictMap':
      return [{ set: part.map, key: typesOf(part.key), value: 'verdict', writes: false }];
    case 'dnatMap':
      return [{ set: part.map, key: typesOf(part.key), value: 'destination', writes: false }];
    case 'remember':
      return [{ set: part.set, key: ['address'], value: undefined, writes: true }];
    default:
      return [];
  }
}

function typesOf(key: Key): readonly ElementType[] {
  return key.map((field) => (typeof field === 'object' ? 'slot' : fieldTypes[field]));
}

const fieldTypes: Readonly<Record<Exclude<KeyField, object>, ElementType>> = {
  saddr: 'address',
  daddr: 'address',
  l4proto: 'protocol',
  dport: 'port',
  originalDaddr: 'address',
  originalDport: 'port',
};

function ruleProblems(family: IpFamily, rule: NftablesRule): readonly string[] {
  const { matches, statements } = rule;
  const problems = [
    ...matches.flatMap((match) => matchProblems(family, match)),
    ...statements.flatMap((statement) => statementProblems(family, rule, statement)),
    ...[...matches, ...statements].flatMap((part) => ('key' in part ? keyProblems(part.key) : [])),
  ];
  if (matches.length + statements.length === 0) problems.push('neither matches nor statements');
  const last = statements.findIndex(isTerminal);
  if (last >= 0 && last < statements.length - 1) problems.push(`nothing may follow ${statements[last]?.kind}`);
  return problems;
}

/** nft allows no statement after these. If a map has no element for the packet, the next rule follows. */
function isTerminal({ kind }: Statement): boolean {
  return kind !== 'setMarkBit' && kind !== 'clearMarkBit' && kind !== 'remember';
}

function matchProblems(family: IpFamily, match: NftablesMatch): readonly string[] {
  switch (match.kind) {
    case 'block':
      return familyOf(match.block) === family ? [] : [`${match.block} is not ${family}`];
    case 'protocols':
      return match.protocols.length > 0 ? [] : ['a match of no protocol'];
    case 'inputInterface':
      return isInterface(match.name) ? [] : [`not an interface: ${JSON.stringify(match.name)}`];
    case 'markBit':
      return bitProblems(match.bit);
    case 'in':
    case 'local':
    case 'ctState':
    case 'destinationRewritten':
      return [];
    default:
      return match satisfies never;
  }
}

function statementProblems(family: IpFamily, { matches }: NftablesRule, statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'setMarkBit':
    case 'clearMarkBit':
      return bitProblems(statement.bit);
    case 'chooseChain':
      return isInteger(statement.chains.length, 1, 0x10000) ? [] : ['a choice of no chain'];
    case 'dnatMap':
      return statement.key.includes('l4proto') ? [] : portProblems(matches);
    case 'dnat': {
      const problems = [...portProblems(matches)];
      if (familyOf(statement.address) !== family) problems.push(`${statement.address} is not ${family}`);
      if (!isInteger(statement.port, 1, 0xffff)) problems.push(`not a port: ${statement.port}`);
      return problems;
    }
    default:
      return [];
  }
}

/** Without such a match nft says: transport protocol mapping is only valid after transport protocol match. */
function portProblems(matches: readonly NftablesMatch[]): readonly string[] {
  const knowsProtocol = matches.some(({ kind, ...rest }) => kind === 'protocols' && !('negated' in rest));
  return knowsProtocol ? [] : ['a port is rewritten, but no match says of which protocols'];
}

function keyProblems(key: Key): readonly string[] {
  if (key.length === 0) return ['a key of no fields'];
  const isSound = key.every((field) => typeof field !== 'object' || isInteger(field.random, 1, 0x10000));
  return isSound ? [] : ['a number of slots that is not from 1 to 65536'];
}

function bitProblems(bit: number): readonly string[] {
  return isInteger(bit, 0, 31) ? [] : [`not a bit of the mark: ${bit}`];
}
