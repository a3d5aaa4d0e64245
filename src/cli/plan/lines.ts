/** Each thing that changes for a Service, as a line. */
import type { Change, RiskSeverity, TrafficEffect } from '../../core/forecast/changes.ts';
import {
  describeCallers,
  describeFrontend,
  describeFrontends,
  describePort,
  describeReachability,
} from '../../core/forecast/words.ts';
import { plural } from '../output/summary.ts';

/** `+` comes, `-` goes, `~` changes, `!` is a risk, `=` stays. */
export type Sign = '+' | '-' | '~' | '!' | '=';

export interface ForecastLine {
  readonly sign: Sign;
  readonly text: string;
  /** Only of `!`. */
  readonly severity?: RiskSeverity;
}

/** A longer list ends with the number of the items that are not shown. */
const shownItems = 8;

/** One line for each change; effects that repeat what others say are left to `-o json`. */
export function changeLines(changes: readonly Change[]): readonly ForecastLine[] {
  const tellsEndpoints = changes.some(({ kind }) => kind === 'endpoints');
  return changes.flatMap((change) => {
    if (change.kind !== 'effect') return linesOf(change);
    if (tellsEndpoints && change.effect === 'endpoints' && change.callers.some(({ who }) => who === 'everyone'))
      return [];
    return [{ sign: effectSigns[change.effect], text: describeEffect(change) }];
  });
}

function linesOf(change: Exclude<Change, TrafficEffect>): readonly ForecastLine[] {
  switch (change.kind) {
    case 'frontend':
      return [frontendLine(change)];
    case 'port':
      return [{ sign: change.change === 'added' ? '+' : '-', text: `port ${describePort(change.port)}` }];
    case 'protocol':
      return [changed('port', describePort(change.before), describePort(change.after))];
    case 'endpoints':
      return endpointLines(change);
    case 'moved':
      return [movedLine(change)];
    case 'policy':
      return [
        changed(`${change.traffic} traffic to ${describePort(change.port)}`, ends[change.before], ends[change.after]),
      ];
    case 'sources':
      return sourcesLines(change);
    case 'affinity':
      return [changed(`affinity of ${describePort(change.port)}`, seconds(change.before), seconds(change.after))];
    case 'selector':
      return [changed('selector', change.before, change.after)];
    case 'targetPort':
      return [changed(`target port of ${describePort(change.port)}`, change.before, change.after)];
    case 'assigned':
      return [assignedLine(change)];
    case 'healthCheck':
      return [changed(`${change.family} health check`, checked(change.before), checked(change.after))];
    default:
      return change satisfies never;
  }
}

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>;

const ends = {
  cluster: 'all endpoints',
  local: 'endpoints of this node',
  drop: 'dropped, no endpoint on this node',
} as const;

function changed(what: string, before: string, after: string): ForecastLine {
  return { sign: '~', text: `${what}: ${before} → ${after}` };
}

function assignedLine({ what, port, placeholder }: Of<'assigned'>): ForecastLine {
  if (what === 'endpoints') return { sign: '+', text: 'endpoints: the cluster will choose them by the selector' };
  const names = { clusterIP: 'cluster IP', nodePort: 'NodePort', loadBalancerIP: 'load-balancer IP' };
  const where = port === undefined ? '' : ` of ${describePort(port)}`;
  const stands = placeholder === undefined ? '' : `; ${placeholder} stands for it here`;
  return { sign: '+', text: `${names[what]}${where}: the cluster will assign it${stands}` };
}

function frontendLine({ change, frontend, guarded, otherOwner }: Of<'frontend'>): ForecastLine {
  const what = describeFrontend(frontend);
  if (change === 'closed')
    return { sign: '-', text: what + (otherOwner === undefined ? '' : `, moves to ${otherOwner}`) };
  const from = otherOwner === undefined ? '' : `, moved from ${otherOwner}`;
  return { sign: '+', text: `${what}${from}${guarded ? ', guarded by source ranges' : ''}` };
}

function endpointLines({ family, port, pool, before, after, gained, lost }: Of<'endpoints'>): readonly ForecastLine[] {
  const where = pool === 'local' ? ' on this node' : '';
  return [
    changed(`${family} endpoints of ${describePort(port)}${where}`, String(before), String(after)),
    ...items('+', gained),
    ...items('-', lost),
  ];
}

function movedLine({ port, endpoints }: Of<'moved'>): ForecastLine {
  return {
    sign: '~',
    text: `endpoints of ${describePort(port)} that move to or from this node: ${list(endpoints)}`,
  };
}

function sourcesLines({ frontend, before, after }: Of<'sources'>): readonly ForecastLine[] {
  const what = `sources that may use ${describeFrontend(frontend)}`;
  if (before === undefined) return [changed(what, 'any', list(after ?? []))];
  if (after === undefined) return [changed(what, list(before), 'any')];
  return [
    changed(what, plural(before.length, 'range'), plural(after.length, 'range')),
    ...items('+', missing(after, before)),
    ...items('-', missing(before, after)),
  ];
}

/** Lists of ranges can be long. */
function missing(from: readonly string[], within: readonly string[]): readonly string[] {
  const known = new Set(within);
  return from.filter((text) => !known.has(text));
}

function items(sign: Sign, texts: readonly string[]): readonly ForecastLine[] {
  return texts.length === 0 ? [] : [{ sign, text: list(texts) }];
}

function list(texts: readonly string[]): string {
  const more = texts.length - shownItems;
  return `${texts.slice(0, shownItems).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function seconds(timeout: number | undefined): string {
  return timeout === undefined ? 'none' : `${timeout} s`;
}

function checked(state: Of<'healthCheck'>['before']): string {
  return state === undefined ? 'none' : `port ${state.port}, local endpoints ${state.localEndpoints}`;
}

const effectSigns: Readonly<Record<TrafficEffect['effect'], Sign>> = {
  cutOff: '-',
  reachable: '+',
  answer: '~',
  endpoints: '~',
  clientAddress: '~',
};

function describeEffect({ effect, callers, frontends, before, after, gained }: TrafficEffect): string {
  const isAsMany = before.endpoints > 0 && before.endpoints === after.endpoints && gained > 0;
  const newOnes = isAsMany ? ` (${gained} of them new)` : '';
  const reached = `${describeReachability(before)} → ${describeReachability(after)}${newOnes}`;
  const isSource = before.clientAddress !== undefined && after.clientAddress !== undefined;
  const source = isSource ? `client address ${before.clientAddress} → ${after.clientAddress}` : '';
  const told = effect === 'clientAddress' ? [source] : [reached, ...(isSource ? [source] : [])];
  return `${describeCallers(callers)} at ${describeFrontends(frontends)}: ${told.join(', ')}`;
}
