/**
 * Explains why a proven mutant is equivalent: compares the effects of the rules on packets, class by class, before and
 * after. The classes are those that ruleset and mutant together distinguish, so they contain every packet.
 */
import { explore } from '../../src/core/prove/explore.ts';
import { wholeSpace } from '../../src/core/prove/region.ts';
import { type Subject, traceThrough } from '../../src/core/prove/subject.ts';
import type { Rules } from '../../src/core/rules.ts';
import { type Meeting, meetingOf, sumUp } from './effects.ts';
import type { Mutant } from './mutant.ts';

interface Meetings {
  readonly before: Meeting;
  readonly after: Meeting;
}

/** Clears a mark, or flips some of its bits. */
const isClearing = (effect: string): boolean => /"mask":0\}|"clearMarkBit"/.test(effect);
const isAccepting = (effect: string): boolean => effect.includes('"accept"');
const isRefusing = (effect: string): boolean => /"(drop|reject)"/.test(effect);

/**
 * The effects that may differ between two rulesets that the prover takes for equal. `outside` marks effects that can
 * matter but are not part of the proof: see docs/proof.md.
 */
const levels: readonly { readonly reason: string; readonly view: (effects: readonly string[]) => readonly string[] }[] =
  [
    { reason: 'the same is done to each packet in the same order', view: (effects) => effects },
    {
      reason: 'packets are marked that are refused later',
      view: (effects) =>
        effects
          .filter(isRefusing)
          .slice(0, 1)
          .concat(effects.some(isRefusing) ? [] : effects),
    },
    {
      reason: 'outside: the mark of a packet on its way out',
      view: (effects) => effects.filter((each) => !isClearing(each)),
    },
    {
      reason: 'outside: letting through what the policy lets through',
      view: (effects) => effects.filter((each) => !isAccepting(each)),
    },
    {
      reason: 'outside: both of these',
      view: (effects) => effects.filter((each) => !isClearing(each) && !isAccepting(each)),
    },
  ];

/** The reason; undefined if the effects on some packet differ otherwise. */
export function whyEquivalent(subject: Subject & { readonly rules: Rules }, mutant: Mutant): string | undefined {
  const meetings = meetingsOf(subject, mutant.rules);
  const level = levels.find(({ view }) =>
    meetings.every(({ before, after }) => sumUp(before, view) === sumUp(after, view)),
  );
  if (level !== levels[0] || mutant.place.startsWith('@')) return level?.reason;
  const changed = [mutant.index, mutant.index + 1].map((index) => `${mutant.place}#${index}`);
  const isMet = meetings.some(({ before, after }) =>
    changed.some((each) => before.met.has(each) || after.met.has(each)),
  );
  return isMet ? level?.reason : 'no packet matches the rule, before or after';
}

function meetingsOf({ plan, rules, host }: Subject & { readonly rules: Rules }, mutated: Rules): readonly Meetings[] {
  const { family } = plan;
  const classes = explore(wholeSpace(family), {
    family,
    nodeAddresses: host.addresses,
    trace: (packet, witness) => {
      traceThrough(rules, packet, host, witness);
      traceThrough(mutated, packet, host, witness);
    },
    used: () => undefined,
  });
  return [...classes].map(({ packet }) => ({
    before: meetingOf(rules, packet, host),
    after: meetingOf(mutated, packet, host),
  }));
}
