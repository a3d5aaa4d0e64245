/** The show itself: rules, network, connections, a change. Everything seen and judged is in the outcome. */
import type { Agent } from './agent-link.ts';
import type { Backend } from './backend.ts';
import { callServices, type ServiceResult } from './calls.ts';
import { judgeKept, judgeUnmentioned, type KeptResult, openKept } from './change.ts';
import type { Check } from './expectations.ts';
import type { Options } from './options.ts';
import { type CompiledRules, diffRules, type Family, type RulesChange } from './rules.ts';
import { buildStage, type Stage } from './stage.ts';
import type { Traffic } from './traffic.ts';

export interface ShowOptions {
  readonly traffic: Traffic;
  readonly options: Options;
  readonly backend: Backend;
  /** Those that this kernel has. */
  readonly families: readonly Family[];
  readonly prefix: string;
  /** For files that are needed on the way. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Filled while the network is built, for whoever has to end it. */
  readonly agents: Map<string, Agent>;
}

export interface ChangeResult {
  readonly transaction: RulesChange;
  readonly applyMs: number;
  readonly newCalls: ServiceResult;
  readonly kept: KeptResult;
  readonly ruleChecks: readonly Check[];
}

/** What happens, as it happens. */
export interface Spectator {
  readonly built: (stage: Stage, buildMs: number, loadMs: number) => void;
  readonly ruleChecks: (checks: readonly Check[]) => void;
  readonly called: (result: ServiceResult) => void;
  readonly changing: () => void;
  readonly changed: (result: ChangeResult) => void;
}

/** Throws the signal's reason when it is aborted. */
export async function runShow(rules: CompiledRules, show: ShowOptions, spectator: Spectator): Promise<void> {
  const { traffic, signal } = show;
  const startedMs = performance.now();
  const stage = await buildStage(traffic.network, show);
  const buildMs = performance.now() - startedMs;
  signal.throwIfAborted();
  const loadMs = await load(rules, stage, show);
  spectator.built(stage, buildMs, loadMs);
  spectator.ruleChecks(judgeUnmentioned(rules.texts.IPv4 + rules.texts.IPv6, traffic.unmentioned));
  for await (const result of callServices(traffic.services, traffic.network, stage.agents)) spectator.called(result);
  spectator.changing();
  spectator.changed(await change(stage, show));
}

async function change(stage: Stage, show: ShowOptions): Promise<ChangeResult> {
  const { backend, families, folder } = show;
  const { change: described, network } = show.traffic;
  const place = { namespace: stage.nodeNamespace, families, folder };
  const first = await openKept(described, stage.agents);
  const transaction = await diffRules(described.replaces, folder, { network, options: show.options });
  show.signal.throwIfAborted();
  const startedMs = performance.now();
  await backend.change(transaction.texts, place);
  const applyMs = performance.now() - startedMs;
  const traffic = { service: described.replaces, shows: described.shows, calls: described.calls };
  let newCalls: ServiceResult = { traffic, calls: [], checks: [] };
  for await (const result of callServices([traffic], network, stage.agents)) newCalls = result;
  return {
    transaction,
    applyMs,
    newCalls,
    kept: await judgeKept(described, first, stage.agents),
    ruleChecks: judgeUnmentioned(await backend.list(place), [described.leaves]),
  };
}

/** Returns the time it took in milliseconds. */
async function load(rules: CompiledRules, stage: Stage, { backend, families, folder }: ShowOptions): Promise<number> {
  const startedMs = performance.now();
  await backend.load(rules.texts, { namespace: stage.nodeNamespace, families, folder });
  return performance.now() - startedMs;
}
