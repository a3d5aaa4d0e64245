/** Drift: what another program changed in our table, as one line each. */
import type { IpFamily } from '../../model/address.ts';
import { compareByName, describeSome } from '../../structures/named-difference.ts';
import { printTableName, setKind } from '../print/print.ts';
import type { Element, NamedSet, NftablesChain, NftablesRuleset } from '../ruleset.ts';
import { isSameChain, isSameDeclaration, isSameHook } from './diff.ts';
import { diffElements } from './elements.ts';
import { keyText } from './operations.ts';

/**
 * How `found` differs from the ruleset that was applied; empty when `diffRulesets(found, applied)` has nothing to do.
 * Clients that were learned from packets are not compared.
 */
export function findDrift(applied: NftablesRuleset, found: NftablesRuleset | undefined): readonly string[] {
  const { family } = applied;
  if (found === undefined) return [`table ${printTableName(family)} is gone`];
  return [
    ...chainDrift(found.chains, applied.chains, family),
    ...declarationDrift(found.sets, applied.sets),
    ...elementDrift(found.sets, applied.sets),
  ];
}

function chainDrift(
  found: readonly NftablesChain[],
  applied: readonly NftablesChain[],
  family: IpFamily,
): readonly string[] {
  const { added, changed, removed } = compareByName(found, applied, {
    nameOf: ({ name }: NftablesChain) => name,
    isSame: (a, b) => isSameChain(a, b, family),
  });
  return [
    ...describeSome(added, ({ name }) => `chain ${name} is gone`),
    ...describeSome(changed, ({ last, wanted }) => `chain ${wanted.name} has ${chainChange(last, wanted)}`),
    ...describeSome(removed, ({ name }) => `chain ${name} is unexpected`),
  ];
}

function chainChange(found: NftablesChain, applied: NftablesChain): string {
  if (!isSameHook(found, applied)) return 'a different hook or priority';
  const count = found.rules.length;
  const rules = count === 1 ? '1 rule' : `${count} rules`;
  // The numbers may be the same while the rules are not.
  return count === applied.rules.length
    ? `${rules}, not those that were applied`
    : `${rules}, expected ${applied.rules.length}`;
}

function declarationDrift(found: readonly NamedSet[], applied: readonly NamedSet[]): readonly string[] {
  const { added, changed, removed } = compareByName(found, applied, {
    nameOf: ({ name }: NamedSet) => name,
    isSame: isSameDeclaration,
  });
  return [
    ...describeSome(added, (set) => `${setKind(set)} ${set.name} is gone`),
    ...describeSome(changed, ({ wanted }) => `${setKind(wanted)} ${wanted.name} is declared differently`),
    ...describeSome(removed, (set) => `${setKind(set)} ${set.name} is unexpected`),
  ];
}

/** For sets that exist with the right declaration. */
function elementDrift(found: readonly NamedSet[], applied: readonly NamedSet[]): readonly string[] {
  const byName = new Map(found.map((set) => [set.name, set]));
  return applied.flatMap((set) => {
    const other = byName.get(set.name);
    if (other === undefined || other === set || !isSameDeclaration(other, set)) return [];
    const { removed, added } = diffElements(other.groups, set.groups);
    const [foreign, lost] = [new Set(removed.map(keyText)), new Set(added.map(keyText))];
    const inSet = `${setKind(set)} ${set.name}`;
    const tell = (elements: readonly Element[], what: string): readonly string[] =>
      describeSome(elements, (element) => `element ${keyText(element)} of ${inSet} ${what}`);
    return [
      ...tell(
        added.filter((element) => !foreign.has(keyText(element))),
        'is gone',
      ),
      ...tell(
        added.filter((element) => foreign.has(keyText(element))),
        'has a different value',
      ),
      ...tell(
        removed.filter((element) => !lost.has(keyText(element))),
        'is unexpected',
      ),
    ];
  });
}
