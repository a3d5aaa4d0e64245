/** Proof results for programs: the same shape in `verify -o json` and in the daemon's /debug/verify. */
import type { Distribution } from '../model/packet.ts';
import { shareOf } from '../structures/share.ts';
import type { ProofResult } from './proof-result.ts';

export function proofResultJson({ differences, ...counts }: ProofResult): object {
  return {
    ...counts,
    differences: differences.map(({ expected, found, ...rest }) => ({
      ...rest,
      expected: distributionJson(expected),
      found: distributionJson(found),
    })),
  };
}

export function distributionJson(distribution: Distribution): readonly object[] {
  return [...distribution.values()].map(({ outcome, probability }) => ({
    ...outcome,
    share: shareOf(probability),
  }));
}
