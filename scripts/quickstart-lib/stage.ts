/** The built network with somebody in every namespace, and its end. */
import { type Agent, startAgent } from './agent-link.ts';
import { ipBatch, namespacePath, removeNamespaces, setSysctls } from './namespaces.ts';
import { layOut } from './topology.ts';
import type { Network } from './traffic.ts';

export interface Stage {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly namespaces: readonly string[];
}

export interface StageOptions {
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** Where agents are noted as soon as they run, so that they are ended whatever happens next. */
  readonly agents: Map<string, Agent>;
}

export async function buildStage(network: Network, options: StageOptions): Promise<Stage> {
  const { prefix, signal, agents } = options;
  const namespaceOf = (name: string): string => `${prefix}${name}`;
  const setUps = layOut(network, namespaceOf);
  const namespaces = setUps.map(({ name }) => namespaceOf(name));
  await ipBatch(namespaces.map((name) => `netns add ${name}`));
  const startAgents = Promise.allSettled(
    setUps
      .filter(({ hasAgent }) => hasAgent)
      .map(async ({ name }) => agents.set(name, await startAgent(namespaceOf(name), signal))),
  );
  const makeLinks = async (): Promise<void> => {
    const settled = setUps.filter(({ sysctls }) => sysctls.length > 0);
    await Promise.all(settled.map(({ name, sysctls }) => setSysctls(namespaceOf(name), sysctls)));
    for (const { name, links } of setUps) await ipBatch(links, namespaceOf(name));
    for (const { name, configure } of setUps) await ipBatch(configure, namespaceOf(name));
  };
  const [, links] = await Promise.allSettled([startAgents, makeLinks()]);
  for (const outcome of [links, ...(await startAgents)]) if (outcome.status === 'rejected') throw outcome.reason;
  await Promise.all(setUps.map(({ name, listeners }) => agents.get(name)?.order({ do: 'serve', listeners })));
  return { agents, namespaces };
}

/** Processes first: a namespace lives as long as somebody is in it. */
export async function removeStage(prefix: string, agents: ReadonlyMap<string, Agent>): Promise<void> {
  await Promise.all([...agents.values()].map((agent) => agent.end()));
  await removeNamespaces(prefix);
}

/** The agents live on until their namespaces are removed. */
export async function leaveStage(agents: ReadonlyMap<string, Agent>): Promise<void> {
  for (const agent of agents.values()) {
    await agent.order({ do: 'stay', namespacePath: namespacePath(agent.namespace) });
    agent.release();
  }
}
