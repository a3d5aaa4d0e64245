/** One line that says how much came in and what came out. */
import { ipFamilies, type PerFamily } from '../../core/model/address.ts';
import type { Manifest } from '../../core/model/objects.ts';
import { countRules, type Rules, type RulesChange } from '../../core/rules.ts';
import type { Finding } from '../../documents/finding.ts';

export interface SeverityCounts {
  readonly error: number;
  readonly warning: number;
  readonly info: number;
}

export function countSeverities(findings: readonly Finding[]): SeverityCounts {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { diagnostic } of findings) counts[diagnostic.severity] += 1;
  return counts;
}

/** `2 errors, 1 warning; 14 Services, 31 EndpointSlices -> 412 IPv4 rules` */
export function summarize(counts: SeverityCounts, manifests: readonly Manifest[], rules: PerFamily<Rules>): string {
  const countKind = (kind: Manifest['kind']): number => manifests.filter((manifest) => manifest.kind === kind).length;
  const input = [plural(countKind('Service'), 'Service'), plural(countKind('EndpointSlice'), 'EndpointSlice')];
  const output = ipFamilies.flatMap((family) => {
    const ofFamily = rules[family];
    return ofFamily === undefined ? [] : [plural(countRules(ofFamily), `${family} rule`)];
  });
  const found = describeCounts(counts);
  return `${found === '' ? '' : `${found}; `}${input.join(', ')} -> ${output.join(', ')}`;
}

/** `2 errors, 1 warning`; empty when there is neither. */
export function describeCounts({ error, warning }: SeverityCounts): string {
  const parts = [...(error > 0 ? [plural(error, 'error')] : []), ...(warning > 0 ? [plural(warning, 'warning')] : [])];
  return parts.join(', ');
}

/** `1 error`, `2 errors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `chains +1 ~2 -1, jumps 0`: how much changes, by kind of object. */
export function describeSummary(summary: RulesChange['summary']): string {
  const counts = Object.entries(summary).map(([kind, { added, changed, removed }]) => {
    const signs = [`+${added}`, `~${changed}`, `-${removed}`].filter((sign) => !sign.endsWith('0') || sign.length > 2);
    return `${kind} ${signs.length === 0 ? '0' : signs.join(' ')}`;
  });
  return counts.join(', ');
}
