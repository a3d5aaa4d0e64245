/** The golden cases as subjects: each in both modes, both layouts and both families. */

import { ipFamilies } from '../../src/core/model/address.ts';
import type { Subject } from '../../src/core/prove/subject.ts';
import type { Rules } from '../../src/core/rules.ts';
import { type GoldenCase, variants } from '../lab/golden/case.ts';
import { iptablesMutants } from './iptables.ts';
import type { Mutant } from './mutant.ts';
import { nftablesMutants } from './nftables/rules.ts';

export interface GoldenSubject extends Subject {
  readonly rules: Rules;
  /** `case, variant, family`. */
  readonly name: string;
}

export function subjectsOf(golden: GoldenCase): readonly GoldenSubject[] {
  return variants.flatMap(({ name: variant }) =>
    ipFamilies.flatMap((family): readonly GoldenSubject[] => {
      const { plans, rules } = golden.compilations[variant];
      const [plan, ofFamily] = [plans[family], rules[family]];
      if (plan === undefined || ofFamily === undefined) return [];
      return [{ name: `${golden.name}, ${variant}, ${family}`, plan, rules: ofFamily, host: golden.host }];
    }),
  );
}

export function mutantsOf({ rules }: GoldenSubject): readonly Mutant[] {
  return rules.mode === 'iptables' ? iptablesMutants(rules.ruleset) : nftablesMutants(rules.ruleset);
}
