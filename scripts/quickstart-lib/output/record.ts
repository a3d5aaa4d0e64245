/** The show as one JSON value for programs. */
import type { Backend } from '../backend/backend.ts';
import type { ServiceResult } from '../calls/calls.ts';
import type { Check } from '../calls/expectations.ts';
import type { CompiledRules } from '../node/rules.ts';
import type { Options } from '../options.ts';
import type { Answers, ChangeResult, Spectator } from '../show.ts';

export interface FinishedRun {
  readonly options: Options;
  readonly backend: Backend;
  readonly rules: CompiledRules;
  readonly elapsedMs: number;
}

/** All that was seen and judged, noted while the show runs. */
export interface Record {
  readonly spectator: Spectator;
  readonly checks: () => readonly Check[];
  readonly connections: () => number;
  readonly toJson: (run: FinishedRun) => unknown;
}

export function startRecord(): Record {
  const services: ServiceResult[] = [];
  const ruleChecks: Check[] = [];
  const timesMs: { build?: number; start?: number; change?: number } = {};
  let change: ChangeResult | undefined;
  let answers: Answers | undefined;
  let kept = 0;
  const allServices = (): ServiceResult[] => [...services, ...(change === undefined ? [] : [change.newCalls])];
  const checks = (): Check[] => [
    ...ruleChecks,
    ...allServices().flatMap(checksInContext),
    ...(change === undefined ? [] : [...change.ruleChecks, ...change.kept.checks]),
    ...(answers?.proof ?? []),
  ];
  const connections = (): number => kept + allServices().reduce((sum, service) => sum + connectionsOf(service), 0);
  return {
    spectator: {
      built: (_, buildMs, { elapsedMs }) => Object.assign(timesMs, { build: buildMs, start: elapsedMs }),
      ruleChecks: (noted) => ruleChecks.push(...noted),
      called: (result) => services.push(result),
      changing: () => undefined,
      changed: (result) => {
        change = result;
        kept = [...result.kept.byPod.values()].reduce((sum, count) => sum + count, 0);
        Object.assign(timesMs, { change: result.reaction.elapsedMs });
      },
      answered: (told) => {
        answers = told;
      },
    },
    checks,
    connections,
    toJson: ({ options, backend: { count }, rules, elapsedMs }) => ({
      // Nothing was tried, nothing held.
      held: checks().length > 0 && checks().every(({ held }) => held),
      expectations: checks().length,
      failed: failedTexts(checks()),
      ...modeJson(options),
      connections: connections(),
      timesMs: rounded({ ...timesMs, compile: rules.elapsedMs, all: elapsedMs }),
      rules: { IPv4: count(rules.texts.IPv4), IPv6: count(rules.texts.IPv6) },
      services: services.map(serviceJson),
      change: change === undefined ? null : changeJson(change),
      explanation: answers?.explanation ?? null,
    }),
  };
}

function checksOf({ calls, checks }: ServiceResult): Check[] {
  return [...calls.flatMap((call) => [...call.checks, ...call.pods.flatMap((pod) => pod.checks)]), ...checks];
}

/** With who called what, which a list needs and a table shows beside it. */
function checksInContext(result: ServiceResult): Check[] {
  return [
    ...result.calls.flatMap(({ call, checks, pods }) =>
      [...checks, ...pods.flatMap((pod) => pod.checks)].map(({ held, text }) => ({
        held,
        text: `${call.service}, ${call.from} → ${call.to.text}: ${text}`,
      })),
    ),
    ...result.checks,
  ];
}

function connectionsOf({ calls }: ServiceResult): number {
  return calls.reduce((sum, { call }) => sum + call.connections, 0);
}

function serviceJson(result: ServiceResult): unknown {
  const calls = result.calls.map(({ call, report, pods }) => ({
    from: call.from,
    to: call.to.text,
    connections: call.connections,
    pods: pods.map(({ pod, expected, connections, seenAs }) => {
      return { pod, expected: expected?.text ?? null, connections, seenAs: seenAs ?? null };
    }),
    failures: report.failures,
    medianMs: Math.round(report.medianMs * 10) / 10,
  }));
  const { service, shows } = result.traffic;
  return { service, shows, held: checksOf(result).every(({ held }) => held), calls };
}

function modeJson({ mode, iptables, layout }: Options): Partial<Options> {
  return mode === 'iptables' ? { mode, iptables, layout } : { mode };
}

function changeJson({ reaction: { transactions }, kept, newCalls }: ChangeResult): unknown {
  const sent = Object.fromEntries(transactions.map(({ family, text }) => [family, text]));
  return { transaction: sent, kept: Object.fromEntries(kept.byPod), newCalls: serviceJson(newCalls) };
}

function failedTexts(checks: readonly Check[]): string[] {
  return checks.filter(({ held }) => !held).map(({ text }) => text);
}

function rounded(times: { readonly [name: string]: number }): { [name: string]: number } {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms)]));
}
