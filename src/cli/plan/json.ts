/** `plan -o json`: the forecasts as they are. The schema is documented in docs/cli-plan.md. */
import type { ProxyMode } from '../../core/model/config.ts';
import type { Finding } from '../../files/finding.ts';
import { printableLines } from '../../observe/safe-text.ts';
import { jsonDiagnostic } from '../output/json.ts';
import type { NodesForecast } from './forecasts.ts';

export interface JsonForecast {
  readonly version: string;
  readonly mode: ProxyMode;
  readonly forecasts: readonly NodesForecast[];
  readonly findings: readonly Finding[];
}

/** One JSON object on one line. Absent values have no key. */
export function formatForecastJson({ version, mode, forecasts, findings }: JsonForecast): string {
  const diagnostics = findings.map(jsonDiagnostic);
  return `${printableLines(JSON.stringify({ version, mode, nodes: forecasts, diagnostics }))}\n`;
}
