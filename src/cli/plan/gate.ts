/** `--fail-on`: which risks make `plan` fail. */
import { type Forecast, type Risk, type RiskSeverity, riskSeverities } from '../../core/forecast/changes.ts';

const worse: Readonly<Record<string, readonly RiskSeverity[]>> = {
  high: ['high'],
  medium: ['high', 'medium'],
  low: ['high', 'medium', 'low'],
};

/** What --fail-on names and was found: codes of risks, each once, and `change`. */
export function fatalRisks(forecasts: readonly Forecast[], failOn: readonly string[]): readonly string[] {
  // What was so before does not fail by its severity: nothing that follows could ever be merged.
  const isFatal = ({ code, standing }: Risk): boolean =>
    failOn.some((word) => word === code || (standing !== true && worse[word]?.includes(riskSeverities[code])));
  const codes = new Set<string>(forecasts.flatMap(({ risks }) => risks.filter(isFatal)).map(({ code }) => code));
  if (failOn.includes('change') && forecasts.some(isChange)) codes.add('change');
  return [...codes];
}

/** Whether anything at all changes. */
export function isChange({ services, node, diagnostics }: Forecast): boolean {
  return services.length + node.length + diagnostics.appeared.length + diagnostics.vanished.length > 0;
}
