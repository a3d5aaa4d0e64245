/** `plan -o json`: the forecasts as they are. The schema is documented in docs/cli-plan.md. */
import type { ProxyMode } from '../../core/model/config.ts';
import { printableLines } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import { jsonDiagnostic } from '../output/json.ts';
import type { NodesForecast } from './forecasts.ts';

export interface PlanJsonParts {
  readonly version: string;
  readonly mode: ProxyMode;
  readonly forecasts: readonly NodesForecast[];
  readonly findings: readonly Finding[];
}

/** One JSON object on one line. Absent values have no key. */
export function formatPlanJson({ version, mode, forecasts, findings }: PlanJsonParts): string {
  const diagnostics = findings.map(jsonDiagnostic);
  return `${printableLines(JSON.stringify({ version, mode, nodes: forecasts, diagnostics }))}\n`;
}
