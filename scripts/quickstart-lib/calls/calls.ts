/** Makes the calls of the description: callers all at once, each caller's calls one after the other. */

import type { CallOrder } from '../../lab/agent/messages.ts';
import type { Agent } from '../../lab/agent/start.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Call, KeptConnections, ServiceTraffic } from '../description/traffic.ts';
import { type CallResult, type Check, judgeCall } from './expectations.ts';

const atOnce = 16;
const answerTimeoutMs = 4_000;
/** A dropped connection would be tried again after a second; that gets no answer either. */
const dropTimeoutMs = 700;

export interface ServiceResult {
  readonly traffic: ServiceTraffic;
  readonly calls: readonly CallResult[];
  /** Checks over several calls. */
  readonly checks: readonly Check[];
}

export type Agents = ReadonlyMap<string, Agent>;

/** The results in the given order, each as soon as it and all before it are there. */
export async function* callServices(
  services: readonly ServiceTraffic[],
  network: Network,
  agents: Agents,
): AsyncGenerator<ServiceResult> {
  const lanes = new Map<string, Promise<unknown>>();
  const started = services.map((traffic) => ({
    traffic,
    results: traffic.calls.map((call) => {
      // Calls that get no answer only wait, and need not make others wait.
      const lane = call.expect.kind === 'fails' ? `${call.from} in vain` : call.from;
      const before = lanes.get(lane) ?? Promise.resolve();
      const result = before.then(() => callOnce(call, network, agents));
      lanes.set(
        lane,
        result.catch(() => undefined),
      );
      return result;
    }),
  }));
  // While a caller waits for the first result, a later failure must have a listener too.
  for (const { results } of started) for (const result of results) result.catch(() => undefined);
  for (const { traffic, results } of started) {
    const calls = await Promise.all(results);
    yield { traffic, calls, checks: judgeAcrossCalls(calls) };
  }
}

async function callOnce(call: Call, network: Network, agents: Agents): Promise<CallResult> {
  const timeoutMs = call.expect.kind === 'fails' && call.expect.how === 'dropped' ? dropTimeoutMs : answerTimeoutMs;
  // The kernel notes a client's endpoint with its first packet: the next connection must not overtake that.
  const order = orderOf(call, { timeoutMs, atOnce: call.expect.kind === 'sticks' ? 1 : atOnce });
  return judgeCall(call, await agentOf(call.from, agents).order('call', order), network);
}

export function orderOf(
  { sources, to, connections }: KeptConnections,
  limits: Pick<CallOrder, 'timeoutMs' | 'atOnce'> = { timeoutMs: answerTimeoutMs, atOnce },
): CallOrder {
  return { protocol: to.protocol, address: to.address, port: to.port, sources, connections, ...limits };
}

export function agentOf(name: string, agents: Agents): Agent {
  const agent = agents.get(name);
  if (agent === undefined) throw new Error(`no agent runs in ${name}`);
  return agent;
}

/** A client that called a sticky Service through several frontends must reach the same pod. */
function judgeAcrossCalls(calls: readonly CallResult[]): Check[] {
  const podsOf = new Map<string, Set<string>>();
  const callsOf = new Map<string, number>();
  for (const { call, report } of calls) {
    if (call.expect.kind !== 'sticks') continue;
    for (const source of call.sources) callsOf.set(source, (callsOf.get(source) ?? 0) + 1);
    for (const { source, pod } of report.answers) podsOf.set(source, (podsOf.get(source) ?? new Set()).add(pod));
  }
  return [...podsOf]
    .filter(([source]) => (callsOf.get(source) ?? 0) > 1)
    .map(([source, pods]) => ({
      held: pods.size === 1,
      text: `${source} met ${[...pods].join(' and ')} through ${callsOf.get(source)} frontends, expected one pod`,
    }));
}
