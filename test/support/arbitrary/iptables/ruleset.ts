/** Random rulesets, sound in all that verify.ts asks for, but for the words without a model that `model` has. */
import fc from 'fast-check';
import { builtInChains } from '../../../../src/core/iptables/options.ts';
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
  Table,
  TableName,
} from '../../../../src/core/iptables/ruleset.ts';
import type { IpFamily } from '../../../../src/core/model/address.ts';
import type { Protocol } from '../../../../src/core/model/objects.ts';
import type { Scope } from '../values.ts';
import { arbitraryMatch } from './matches.ts';
import { arbitraryLeaf, type Side } from './targets.ts';

/** A ruleset of one family with up to three tables. */
export function arbitraryRuleset(family: IpFamily, scope: Scope): fc.Arbitrary<IptablesRuleset> {
  const names: readonly TableName[] =
    scope === 'kernel' ? ['nat', 'filter', 'mangle'] : ['raw', 'mangle', 'nat', 'filter', 'security'];
  // Made once: it takes longer to make an arbitrary than to draw from it.
  const tables = new Map(names.map((name) => [name, arbitraryTable(family, name, scope)]));
  return fc
    .shuffledSubarray([...names], { minLength: 1, maxLength: 3 })
    .chain((chosen) => fc.tuple(...chosen.flatMap((name) => tables.get(name) ?? [])))
    .map((drawn) => ({ family, tables: drawn }));
}

const maxOwnChains = 6;

function arbitraryTable(family: IpFamily, name: TableName, scope: Scope): fc.Arbitrary<Table> {
  const roots = builtInChains[name];
  const sides: readonly Side[] = [
    ...roots.map((root) => rootSide(name, root)),
    ...Array.from({ length: maxOwnChains }, (_, i): Side => (name === 'nat' ? ownSides[i % 2 === 0 ? 0 : 1] : 'any')),
  ];
  return fc
    .record({
      names: fc.uniqueArray(arbitraryChainName, { maxLength: maxOwnChains }),
      bodies: fc.tuple(...sides.map((side) => fc.array(arbitraryRule(family, name, side, scope), { maxLength: 3 }))),
      calls: fc.array(arbitraryCall(family, scope), { minLength: maxOwnChains, maxLength: maxOwnChains }),
      policies: fc.array(fc.option(fc.constantFrom('ACCEPT', 'DROP'), { nil: undefined }), { maxLength: roots.length }),
    })
    .map(({ names, bodies, calls, policies }): Table => {
      const all = [...roots, ...names];
      const rules = bodies.map((body) => [...body]);
      for (const [own, { caller, kind, rule }] of calls.slice(0, names.length).entries()) {
        const callee = roots.length + own;
        // From a chain before this one, so that there is no cycle, and from its own side.
        const callers = all.flatMap((_, i) => (i < callee && sides[i] === sides[callee] ? [i] : []));
        const target = { kind, chain: all[callee] ?? '' };
        rules[callers[caller % callers.length] ?? 0]?.push({ ...rule, target });
      }
      return { name, chains: all.map((chain, i) => finishChain(name, chain, policies[i], rules[i] ?? [])) };
    });
}

/** The kernel lets DNAT be reached from PREROUTING and OUTPUT only and MASQUERADE from POSTROUTING only. */
const ownSides = ['destination', 'source'] as const;

function rootSide(table: TableName, root: string): Side {
  if (table !== 'nat') return 'any';
  if (root === 'INPUT') return 'neither';
  return root === 'POSTROUTING' ? 'source' : 'destination';
}

function finishChain(
  table: TableName,
  name: string,
  policy: IptablesChain['policy'],
  rules: readonly IptablesRule[],
): IptablesChain {
  const chain = { name, rules: rules.map((rule) => ({ ...rule, match: withoutInterfaces(name, rule.match) })) };
  if (policy === undefined || !builtInChains[table].includes(name)) return chain;
  return { ...chain, policy: table === 'nat' ? 'ACCEPT' : policy };
}

/** As in iptables: no input interface where packets leave, and no output interface where they come in. */
function withoutInterfaces(chain: string, match: IptablesMatch): IptablesMatch {
  const { inputInterface, outputInterface, ...rest } = match;
  const isOut = chain === 'OUTPUT' || chain === 'POSTROUTING';
  const isIn = chain === 'PREROUTING' || chain === 'INPUT';
  return {
    ...rest,
    ...(inputInterface === undefined || isOut ? {} : { inputInterface }),
    ...(outputInterface === undefined || isIn ? {} : { outputInterface }),
  };
}

const arbitraryChainName = fc.oneof(
  fc.stringMatching(/^KUBE-(SVC|SEP|EXT)-[A-Z2-7]{16}$/),
  fc.stringMatching(/^KUBE-SVCS-10\.[0-9]{1,2}\.0\.0\/16$/),
  fc.stringMatching(/^own[A-Za-z0-9_.:+@/=,~-]{0,25}$/),
);

interface Call {
  readonly caller: number;
  readonly kind: 'jump' | 'goto';
  readonly rule: IptablesRule;
}

function arbitraryCall(family: IpFamily, scope: Scope): fc.Arbitrary<Call> {
  const rule = withComment(arbitraryMatch(family, scope).map((match) => ({ match })));
  return fc.record({ caller: fc.nat(), kind: fc.constantFrom('jump', 'goto'), rule });
}

function arbitraryRule(family: IpFamily, table: TableName, side: Side, scope: Scope): fc.Arbitrary<IptablesRule> {
  const leaf = fc
    .tuple(arbitraryMatch(family, scope), arbitraryLeaf(family, table, side, scope))
    .map(([match, { target, needs }]): IptablesRule => {
      const needed = needs === undefined ? match : withProtocol(match, needs);
      return target === undefined ? { match: needed } : { match: needed, target };
    });
  return withComment(leaf);
}

function withProtocol({ opaque, ...match }: IptablesMatch, protocol: Protocol): IptablesMatch {
  return opaque === undefined || opaque[0] === '-p' ? { ...match, protocol } : { ...match, protocol, opaque };
}

function withComment(rules: fc.Arbitrary<IptablesRule>): fc.Arbitrary<IptablesRule> {
  const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 255 });
  const comment = fc.option(fc.oneof(printable, fc.constantFrom('ns/svc:p80', 'one', 'it\'s "a\\b"', '', '-j')), {
    nil: undefined,
  });
  return fc.tuple(rules, comment).map(([rule, text]) => (text === undefined ? rule : { ...rule, comment: text }));
}
