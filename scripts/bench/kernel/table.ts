/** The figures of `kernel` as a table, compared with their targets. */
import { formatMs, formatRatio, formatTable } from '../../lib/table.ts';
import { endpointsPerService } from '../inputs.ts';
import { modeOf, type Scenario, targetOf } from '../scenarios.ts';
import type { KernelFigures } from './measure.ts';

/**
 * `÷ ours` compares the baseline with our rules for as many Services, `÷ least` one change with that of the smallest
 * cluster with the same rules, `last ÷ first` connections to the last Service in the rules with those to the first.
 */
export function kernelTable(figures: readonly KernelFigures[]): string {
  const heads = ['kernel', 'Services', 'full load', '÷ ours', 'one change', '÷ ours', '÷ least'];
  const parts = ['compile', 'diff', 'apply', 'bytes', 'connect first', 'last', 'last ÷ first', 'targets'];
  return formatTable(
    [...heads, ...parts],
    figures.map((each) => row(each, figures)),
  );
}

function row(each: KernelFigures, figures: readonly KernelFigures[]): readonly string[] {
  const { scenario, loadMs, change, connect } = each;
  const ours =
    scenario.shape === 'kube-proxy' ? figures.find((other) => isOursFor(other.scenario, scenario)) : undefined;
  const cutOff = scenario.loadLimitSeconds * 1_000;
  const atLeast = loadMs === undefined ? '> ' : '';
  return [
    nameOf(scenario),
    `${scenario.services} × ${endpointsPerService}`,
    `${atLeast}${formatMs(loadMs ?? cutOff)}`,
    ours === undefined ? '' : `${atLeast}${formatRatio(loadMs ?? cutOff, ours.loadMs)}`,
    ...(change === undefined
      ? ['', '', '', '', '', '', '']
      : [
          formatMs(change.ms),
          formatRatio(change.ms, ours?.change?.ms),
          formatRatio(change.ms, smallestChange(figures, scenario)),
          // rulewright does not compile the baseline.
          ...(change.compileMs === 0 ? ['', ''] : [formatMs(change.compileMs), formatMs(change.diffMs)]),
          formatMs(change.applyMs),
          String(change.bytes),
        ]),
    ...(connect === undefined
      ? ['', '', '']
      : [
          `${connect.firstUs.toFixed(1)} µs`,
          `${connect.lastUs.toFixed(1)} µs`,
          (connect.lastUs / connect.firstUs).toFixed(2),
        ]),
    verdict(each),
  ];
}

function nameOf({ backend, shape }: Scenario): string {
  const ours = modeOf(backend) === 'nftables' ? 'flat maps' : 'fast';
  const theirs = modeOf(backend) === 'nftables' ? 'chain per Service' : 'kube-proxy';
  return `${backend}, ${shape === 'rulewright' ? ours : theirs}`;
}

function isOursFor(a: Scenario, b: Scenario): boolean {
  return a.shape === 'rulewright' && a.backend === b.backend && a.services === b.services;
}

function smallestChange(figures: readonly KernelFigures[], { backend, shape }: Scenario): number | undefined {
  return figures
    .filter(({ scenario }) => scenario.backend === backend && scenario.shape === shape)
    .reduce((a, b) => (b.scenario.services < a.scenario.services ? b : a)).change?.ms;
}

/** `met`, or the missed targets; empty without a target. */
export function verdict({ scenario, loadMs, change, connect }: KernelFigures): string {
  const target = targetOf(scenario);
  const missed = [
    isMissed(loadMs, target.loadMs) ? `full load ≤ ${formatMs(target.loadMs ?? 0)}` : undefined,
    isMissed(change?.ms, target.changeMs) ? `one change ≤ ${formatMs(target.changeMs ?? 0)}` : undefined,
    isMissed(connect && connect.lastUs / connect.firstUs, target.connectRatio)
      ? `last ÷ first ≤ ${target.connectRatio}`
      : undefined,
  ].filter((text) => text !== undefined);
  if (missed.length > 0) return `missed: ${missed.join(', ')}`;
  return Object.keys(target).length > 0 ? 'met' : '';
}

/** A missing measurement counts as missed. */
function isMissed(value: number | undefined, limit: number | undefined): boolean {
  return limit !== undefined && !(value !== undefined && value <= limit);
}
