/** Runs the demonstration: network, daemon, connections, a change. A spectator gets every result and check. */
import type { Agent } from '../lab/agent/start.ts';
import { type BuiltNetwork, buildNetwork } from '../lab/network/build.ts';
import type { Backend, Place } from './backend/backend.ts';
import { agentOf, callServices, type ServiceResult } from './calls/calls.ts';
import { judgeKept, judgeMentions, type KeptResult, openKept } from './calls/change.ts';
import type { Check } from './calls/expectations.ts';
import type { Traffic } from './description/traffic.ts';
import { askKeeper, editShop, type Reaction, startKeeper } from './node/keeper.ts';
import { judgeProof } from './node/pages.ts';
import type { Options } from './options.ts';

export interface ShowOptions {
  readonly traffic: Traffic;
  readonly options: Options;
  readonly backend: Backend;
  readonly prefix: string;
  readonly place: Place;
  readonly signal: AbortSignal;
  /** Filled while the network is built, so that the caller can end the agents whatever happens. */
  readonly agents: Map<string, Agent>;
}

/** The daemon when every Service is programmed. */
export interface Started {
  readonly pid: number;
  readonly elapsedMs: number;
}

export interface ChangeResult {
  readonly reaction: Reaction;
  readonly newCalls: ServiceResult;
  readonly kept: KeptResult;
  readonly ruleChecks: readonly Check[];
}

/** What the daemon says of its work. */
export interface Answers {
  /** Lines of `rulewright explain`. */
  readonly explanation: readonly string[];
  readonly proof: readonly Check[];
}

/** What happens, as it happens. */
export interface Spectator {
  readonly built: (built: BuiltNetwork, buildMs: number, started: Started) => void;
  readonly ruleChecks: (checks: readonly Check[]) => void;
  readonly called: (result: ServiceResult) => void;
  readonly changing: () => void;
  readonly changed: (result: ChangeResult) => void;
  readonly answered: (answers: Answers) => void;
}

/** Gives the daemon, which still runs. Throws the signal's reason when it is aborted. */
export async function runShow(show: ShowOptions, spectator: Spectator): Promise<Started> {
  const { traffic, backend, place, signal } = show;
  const { network } = traffic;
  const [built, buildMs] = await timed(() => buildNetwork(network, show));
  signal.throwIfAborted();
  const [pid, elapsedMs] = await timed(() => startKeeper({ ...show, network }));
  const daemon = { pid, elapsedMs };
  spectator.built(built, buildMs, daemon);
  const rules = await backend.list(place);
  spectator.ruleChecks([
    ...judgeMentions(rules, [traffic.change.leaves], 'mentioned'),
    ...judgeMentions(rules, traffic.unmentioned, 'absent'),
  ]);
  for await (const result of callServices(traffic.services, network, built.agents)) spectator.called(result);
  spectator.changing();
  spectator.changed(await change(built, show));
  const explanation = await askKeeper(place, traffic.change);
  const proof = await judgeProof(agentOf(network.node.name, built.agents));
  spectator.answered({ explanation, proof });
  return daemon;
}

async function change({ agents }: BuiltNetwork, show: ShowOptions): Promise<ChangeResult> {
  const { backend, place } = show;
  const { change: described, network } = show.traffic;
  const first = await openKept(described, agents);
  const reaction = await editShop(described, agentOf(network.node.name, agents), show);
  const traffic = { service: described.replaces, shows: described.shows, calls: described.calls };
  let newCalls: ServiceResult = { traffic, calls: [], checks: [] };
  for await (const result of callServices([traffic], network, agents)) newCalls = result;
  return {
    reaction,
    newCalls,
    kept: await judgeKept(described, first, agents),
    ruleChecks: judgeMentions(await backend.list(place), [described.leaves], 'absent'),
  };
}

/** With the milliseconds that it took. */
async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const startedMs = performance.now();
  const result = await work();
  return [result, performance.now() - startedMs];
}
