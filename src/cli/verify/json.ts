/** Verdicts for programs. */
import { distributionJson, proofResultJson } from '../../core/prove/proof-json.ts';
import { printableLines } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import { jsonDiagnostic } from '../output/json.ts';
import { isProven, type Proofs } from './proofs.ts';

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
    diagnostics: findings.map(jsonDiagnostic),
  };
  return `${printableLines(JSON.stringify(json))}\n`;
}
