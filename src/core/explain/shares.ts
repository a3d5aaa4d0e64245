/** Converts outcome distributions for people and programs. */
import type { Distribution, Outcome } from '../model/packet.ts';
import { compare, type Rational } from '../structures/rational.ts';
import { shareOf } from '../structures/share.ts';
import type { OutcomeShare, PacketVerdict } from './explanation.ts';

const verdicts = {
  dnat: 'delivered',
  reject: 'refused',
  drop: 'dropped',
  accept: 'accepted',
  pass: 'untouched',
} as const satisfies Record<Outcome['kind'], PacketVerdict>;

function outcomeShare(outcome: Outcome, probability: Rational): OutcomeShare {
  const verdict = verdicts[outcome.kind];
  const share = shareOf(probability);
  if (outcome.kind !== 'dnat') return { verdict, share };
  return { verdict, endpoint: outcome.endpoint, masquerade: outcome.masquerade, share };
}

/** The likeliest first. */
export function outcomeShares(distribution: Distribution): readonly OutcomeShare[] {
  return [...distribution.values()]
    .sort((a, b) => compare(b.probability, a.probability))
    .map(({ outcome, probability }) => outcomeShare(outcome, probability));
}

/** `to 10.244.1.1:8080, masqueraded`, or the verdict where no endpoint is reached. */
export function outcomeText({ verdict, endpoint, masquerade }: OutcomeShare): string {
  return endpoint === undefined ? verdict : `to ${endpoint}${masquerade === true ? ', masqueraded' : ''}`;
}

/** The verdict of all outcomes; `mixed` where they differ. */
export function commonVerdict(outcomes: readonly OutcomeShare[]): PacketVerdict {
  const [first, ...others] = new Set(outcomes.map(({ verdict }) => verdict));
  return first === undefined || others.length > 0 ? 'mixed' : first;
}
