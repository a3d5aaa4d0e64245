/** Verdicts for programs. */
import { distributionJson, proofResultJson } from '../../core/prove/proof-json.ts';
import { isProven, type Proofs } from './proofs.ts';

/** The two lists of `verify -o json`. */
export function proofsJson({ proofs, comparisons }: Proofs): object {
  return {
    proofs: proofs.map((proof) => {
      const { name, verdict, milliseconds, unread, notes } = proof;
      const about = { name, proven: isProven(proof), milliseconds: Math.round(milliseconds) };
      return { ...about, ...proofResultJson(verdict), unread, notes };
    }),
    comparisons: comparisons.map(({ differences, ...which }) => ({
      ...which,
      differences: differences.map(({ packet, fates, classes }) => ({
        packet,
        classes,
        fates: fates.map(distributionJson),
      })),
    })),
  };
}
