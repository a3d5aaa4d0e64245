import { type PacketLine, parsePacketLines } from '../../../../scripts/lab/golden/packet-line.ts';
import type { IptablesRuleset } from '../../../../src/core/iptables/ruleset.ts';
import { familyOf, type IpFamily } from '../../../../src/core/model/address.ts';
import { rulesetOf } from '../rules.ts';
import { chainFacts } from './chains.ts';
import type { Fact } from './fact.ts';
import { kubeProxyFacts } from './kube-proxy.ts';
import { matchFacts } from './matches.ts';
import { rewritingFacts } from './rewriting.ts';

/** A fact whose texts have been read. */
export interface ReadFact {
  readonly name: string;
  /** Text for iptables-restore. */
  readonly rules: string;
  readonly family: IpFamily;
  readonly ruleset: IptablesRuleset;
  readonly lines: readonly PacketLine[];
}

export const facts: readonly ReadFact[] = [...chainFacts, ...matchFacts, ...rewritingFacts, ...kubeProxyFacts].map(
  readFact,
);

function readFact({ name, rules, packets }: Fact): ReadFact {
  const lines = parsePacketLines(packets);
  const [first] = lines;
  if (first === undefined) throw new Error(`a fact without packets shows nothing: ${name}`);
  const family = familyOf(first.packet.destination);
  return { name, rules, family, ruleset: rulesetOf(rules, family), lines };
}
