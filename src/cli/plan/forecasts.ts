/** The forecast for each node in question. */
import type { Forecast } from '../../core/forecast/changes.ts';
import { forecast } from '../../core/forecast/forecast.ts';
import { type RulesetChange, ruleChanges } from '../../core/forecast/rule-changes.ts';
import { remember } from '../../core/structures/remember.ts';
import type { ForecastSettings } from './flags.ts';
import type { ForecastInputs, NodeSides } from './inputs.ts';

/** Nodes with the same forecast. */
export interface NodesForecast extends Forecast {
  readonly names: readonly string[];
  /** How many rules change in each mode; empty with --all-nodes. */
  readonly rules: readonly RulesetChange[];
}

/** Nodes with the same forecast together, in the order of the first of them. */
export function forecastNodes(
  { nodes, declared }: ForecastInputs,
  settings: ForecastSettings,
): readonly NodesForecast[] {
  const { families } = settings.compile;
  const groups = new Map<string, { readonly names: string[]; readonly forecast: Forecast }>();
  for (const { name, before, after } of nodes) {
    const made = forecast(before, after, families, declared);
    remember(groups, JSON.stringify(made), () => ({ names: [], forecast: made })).names.push(name);
  }
  const [only] = nodes;
  const rules = settings.allNodes || only === undefined ? [] : rulesOf(only, settings);
  return [...groups.values()].map((group) => ({ names: group.names, ...group.forecast, rules }));
}

function rulesOf({ before, after, otherMode }: NodeSides, settings: ForecastSettings): readonly RulesetChange[] {
  const { families } = settings.compile;
  return [
    ...ruleChanges(before, after, families),
    ...ruleChanges(otherMode.before, otherMode.after, families),
  ].toSorted((a, b) => (a.mode === b.mode ? 0 : a.mode === 'iptables' ? -1 : 1));
}
