import type { Finding } from '../../files/finding.ts';

/** What is found about the node is found with both of two inputs. */
export function eachOnce(findings: readonly Finding[]): readonly Finding[] {
  const byText = new Map(
    findings.map((finding) => [
      JSON.stringify([finding.diagnostic, finding.place?.source.name, finding.place?.offset]),
      finding,
    ]),
  );
  return [...byText.values()];
}
