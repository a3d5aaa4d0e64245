/** Subjects for the prover: random clusters with their rules, and mutations of the rules. */
import fc from 'fast-check';
import { type CompilerMemory, emptyCompilerMemory } from '../../../src/core/compiler.ts';
import type { IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import type { NftablesRuleset } from '../../../src/core/nftables/ruleset.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import type { ProofResult } from '../../../src/core/prove/proof-result.ts';
import { createProver, finish } from '../../../src/core/prove/prover.ts';
import type { Subject } from '../../../src/core/prove/subject.ts';
import { lowerPlan, type Rules } from '../../../src/core/rules.ts';
import { formatDistribution } from '../../../src/core/trace/distribution.ts';
import { hostOf } from '../../support/arbitrary/packet.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../../support/objects.ts';

export interface OwnSubject extends Subject {
  readonly rules: Rules;
}

/** What a node of the small world makes of a snapshot. */
export function subjectOf(
  snapshot: Snapshot,
  config: NodeConfig,
  family: IpFamily,
  memory: CompilerMemory = emptyCompilerMemory(),
): OwnSubject {
  const { plan } = planFamily(snapshot, config, family, memory.plan);
  return { plan, rules: lowerPlan(plan, config, memory.rules), host: hostOf(family) };
}

/** Either mode, either layout, either family. */
export const arbitrarySubject: fc.Arbitrary<OwnSubject> = fc
  .tuple(arbitraryObjects, arbitraryConfig, fc.constantFrom(...ipFamilies))
  .map(([objects, config, family]) => subjectOf(snapshotOfManifests(objects), config, family));

/** The verdict of a prover that knows nothing yet. */
export function judge(subject: Subject): ProofResult {
  return finish(createProver().prove(subject));
}

/** What is wrong by a verdict, for the message of a test. */
export function complaints({ differences, obstacles }: ProofResult): readonly string[] {
  return [
    ...differences.map(
      ({ packet, expected, found }) =>
        `${JSON.stringify(packet)}: plan ${formatDistribution(expected)}, rules ${formatDistribution(found)}`,
    ),
    ...obstacles.map(({ text }) => text),
  ];
}

/** The rules with one rule of one chain removed, doubled or put elsewhere; numbers wrap around. */
export interface Spoiling {
  readonly chain: number;
  readonly rule: number;
  readonly how: 'remove' | 'swap' | 'widen' | 'empty';
}

export const arbitrarySpoiling: fc.Arbitrary<Spoiling> = fc.record({
  chain: fc.nat(200),
  rule: fc.nat(20),
  how: fc.constantFrom('remove', 'swap', 'widen', 'empty'),
});

export function spoil(rules: Rules, spoiling: Spoiling): Rules {
  return rules.mode === 'iptables'
    ? { ...rules, ruleset: spoilIptables(rules.ruleset, spoiling) }
    : { ...rules, ruleset: spoilNftables(rules.ruleset, spoiling) };
}

function spoilIptables(ruleset: IptablesRuleset, spoiling: Spoiling): IptablesRuleset {
  const filled = ruleset.tables.flatMap(({ chains }) => chains).filter(({ rules }) => rules.length > 0);
  const target = filled[spoiling.chain % filled.length];
  const tables = ruleset.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) =>
      chain === target
        ? { ...chain, rules: spoilRules(chain.rules, spoiling, (rule) => ({ ...rule, match: {} })) }
        : chain,
    ),
  }));
  return { ...ruleset, tables };
}

function spoilNftables(ruleset: NftablesRuleset, spoiling: Spoiling): NftablesRuleset {
  const sets = ruleset.sets.filter(({ groups }) => groups.flat().some(({ elements }) => elements.length > 0));
  const set = sets[spoiling.rule % Math.max(sets.length, 1)];
  if (spoiling.how === 'empty' && set !== undefined) {
    const groups = set.groups.map((chunk) => chunk.map((group) => ({ ...group, elements: group.elements.slice(1) })));
    return { ...ruleset, sets: ruleset.sets.map((each) => (each === set ? { ...set, groups } : each)) };
  }
  const filled = ruleset.chains.filter(({ rules }) => rules.length > 0);
  const target = filled[spoiling.chain % filled.length];
  const chains = ruleset.chains.map((chain) =>
    chain === target
      ? { ...chain, rules: spoilRules(chain.rules, spoiling, (rule) => ({ ...rule, matches: [] })) }
      : chain,
  );
  return { ...ruleset, chains };
}

function spoilRules<Rule>(
  rules: readonly Rule[],
  { rule, how }: Spoiling,
  widen: (rule: Rule) => Rule,
): readonly Rule[] {
  const at = rule % rules.length;
  const spoiled = [...rules];
  const [here, next] = [rules[at] as Rule, rules[(at + 1) % rules.length] as Rule];
  if (how === 'remove' || how === 'empty') spoiled.splice(at, 1);
  else if (how === 'widen') spoiled[at] = widen(here);
  else [spoiled[at], spoiled[(at + 1) % rules.length]] = [next, here];
  return spoiled;
}
