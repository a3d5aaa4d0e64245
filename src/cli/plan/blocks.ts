/** Forecasts as blocks of lines, before text.ts or markdown.ts shows them. Lines are not escaped yet. */
import { describeObject } from '../../core/diagnostics.ts';
import type { Risk, RiskSeverity, ServiceForecast } from '../../core/forecast/changes.ts';
import { namespacedName } from '../../core/model/objects.ts';
import { describeSummary, plural } from '../output/summary.ts';
import type { NodesForecast } from './forecasts.ts';
import { isChange } from './gate.ts';
import { changeLines, type ForecastLine, type Sign } from './lines.ts';

/** One Service, the node, or the diagnostics. */
export interface Block {
  readonly sign: Sign;
  readonly title: string;
  readonly risks: readonly ForecastLine[];
  readonly lines: readonly ForecastLine[];
}

/** The Services with the worst risks first, then by name; the node before all of them, diagnostics and rules last. */
export function blocksOf(forecast: NodesForecast): readonly Block[] {
  const risks = new Map<string, Risk[]>();
  for (const risk of forecast.risks) risks.set(risk.service ?? '', [...(risks.get(risk.service ?? '') ?? []), risk]);
  const ofService = (service: ServiceForecast): readonly Risk[] => risks.get(namespacedName(service)) ?? [];
  const services = forecast.services.toSorted((a, b) => worst(ofService(a)) - worst(ofService(b)));
  return [
    ...nodeBlock(forecast, risks.get('') ?? []),
    ...services.map((service) => serviceBlock(service, ofService(service))),
    ...standingBlock(forecast),
    ...diagnosticsBlock(forecast),
  ];
}

const order: readonly RiskSeverity[] = ['high', 'medium', 'low'];

function worst(risks: readonly Risk[]): number {
  return Math.min(order.length, ...risks.map(({ severity }) => order.indexOf(severity)));
}

function nodeBlock({ node }: NodesForecast, risks: readonly Risk[]): readonly Block[] {
  if (node.length === 0) return [];
  const lines = node.map(({ family, setting, before, after }): ForecastLine => {
    return { sign: '~', text: `${family === undefined ? '' : `${family} `}${setting}: ${before} → ${after}` };
  });
  return [{ sign: '~', title: 'the node', risks: risks.map(riskLine), lines }];
}

const changeSigns: Readonly<Record<ServiceForecast['change'], Sign>> = { created: '+', deleted: '-', changed: '~' };

function serviceBlock(service: ServiceForecast, risks: readonly Risk[]): Block {
  const { change, openConnections } = service;
  // The frontends of a Service that comes or goes tell its ports.
  const changes = service.changes.filter(({ kind }) => change === 'changed' || kind !== 'port');
  return {
    sign: changeSigns[change],
    title: `Service ${namespacedName(service)}${change === 'changed' ? '' : ` is ${change}`}`,
    risks: risks.map(riskLine),
    lines: [
      ...changeLines(changes),
      ...(openConnections === undefined ? [] : [{ sign: '=', text: `open connections: ${openConnections}` } as const]),
    ],
  };
}

/** The risks of Services that do not change. */
function standingBlock({ risks }: NodesForecast): readonly Block[] {
  const standing = risks.filter((risk) => risk.standing);
  if (standing.length === 0) return [];
  const lines = standing.map((risk) =>
    riskLine({ ...risk, message: `Service ${risk.service ?? ''}: ${risk.message}` }),
  );
  return [{ sign: '=', title: 'Services that do not change', risks: lines, lines: [] }];
}

function riskLine({ severity, code, message }: Risk): ForecastLine {
  return { sign: '!', severity, text: `${severity}: ${message} [${code}]` };
}

function diagnosticsBlock({ diagnostics: { appeared, vanished } }: NodesForecast): readonly Block[] {
  if (appeared.length + vanished.length === 0) return [];
  const tell = (sign: Sign) => {
    return ({ severity, object, problem, code }: (typeof appeared)[number]): ForecastLine => {
      return { sign, text: `${severity}: ${describeObject(object)}: ${problem} [${code}]` };
    };
  };
  const lines = [...appeared.map(tell('+')), ...vanished.map(tell('-'))];
  return [{ sign: '~', title: 'diagnostics', risks: [], lines }];
}

/** `2 of 120 Services: 1 changed, 1 deleted; risks: 1 high, 2 medium`, or that nothing changes. */
export function summaryOf(forecast: NodesForecast): string {
  const { services, risks, totals } = forecast;
  if (!isChange(forecast)) return `nothing changes for anybody (${plural(totals.after, 'Service')})`;
  const counted = (['created', 'changed', 'deleted'] as const).flatMap((change) => {
    const count = services.filter((service) => service.change === change).length;
    return count === 0 ? [] : [`${count} ${change}`];
  });
  const what = counted.length === 0 ? 'no Service changes' : `Services: ${counted.join(', ')}`;
  return `${what} (${totals.before} before, ${totals.after} after); risks: ${countRisks(risks) || 'none'}`;
}

/** `1 high, 2 medium` */
export function countRisks(risks: readonly { readonly severity?: RiskSeverity }[]): string {
  const counts = order.map(
    (severity) => [risks.filter((risk) => risk.severity === severity).length, severity] as const,
  );
  return counts.flatMap(([count, severity]) => (count === 0 ? [] : [`${count} ${severity}`])).join(', ');
}

/** `iptables IPv4: chains +1 ~2, jumps 0; 1234 bytes`, one for each mode and family. */
export function ruleLines({ rules }: NodesForecast): readonly string[] {
  return rules.map(({ mode, family, summary, bytes }) => {
    if (bytes === 0) return `${mode} ${family}: nothing is sent`;
    return `${mode} ${family}: ${describeSummary(summary)}; ${plural(bytes, 'byte')}`;
  });
}
