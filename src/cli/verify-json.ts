/** Verdicts for programs. */
import type { Distribution } from '../core/model/packet.ts';
import { toNumber } from '../core/model/rational.ts';
import type { Finding } from '../files/finding.ts';
import { jsonDiagnostic } from './json-output.ts';
import { terminalJson } from './terminal-text.ts';
import { isProven, type Proofs } from './verify-proofs.ts';

export interface JsonProofs {
  readonly version: string;
  readonly proofs: Proofs;
  readonly findings: readonly Finding[];
}

/** One JSON object on one line. */
export function formatProofsJson({ version, proofs: { proofs, comparisons }, findings }: JsonProofs): string {
  const json = {
    version,
    proofs: proofs.map((proof) => {
      const { name, verdict, milliseconds, unread, notes } = proof;
      const { differences, ...counts } = verdict;
      return {
        name,
        proven: isProven(proof),
        ...counts,
        milliseconds: Math.round(milliseconds),
        differences: differences.map(({ expected, found, ...rest }) => ({
          ...rest,
          expected: jsonDistribution(expected),
          found: jsonDistribution(found),
        })),
        unread,
        notes,
      };
    }),
    comparisons: comparisons.map(({ differences, ...which }) => ({
      ...which,
      differences: differences.map(({ packet, fates, classes }) => ({
        packet,
        classes,
        fates: fates.map(jsonDistribution),
      })),
    })),
    diagnostics: findings.map(jsonDiagnostic),
  };
  return `${terminalJson(JSON.stringify(json))}\n`;
}

/** The fraction is exact, the probability is the nearest double. */
function jsonDistribution(distribution: Distribution): readonly object[] {
  return [...distribution.values()].map(({ outcome, probability }) => ({
    ...outcome,
    fraction: `${probability.numerator}/${probability.denominator}`,
    probability: toNumber(probability),
  }));
}
