/** Builds a network, with an agent in each namespace that serves or calls, and removes it. */
import { type Agent, startAgent } from '../agent/start.ts';
import { ipBatch, namespacePath, removeNamespaces, setSysctls } from './namespaces.ts';
import type { Network } from './network.ts';
import { layOut } from './topology.ts';

export interface BuiltNetwork {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly namespaces: readonly string[];
}

export interface BuildOptions {
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** Where agents are noted as soon as they run, so that they are ended whatever happens next. */
  readonly agents: Map<string, Agent>;
}

export async function buildNetwork(network: Network, options: BuildOptions): Promise<BuiltNetwork> {
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
  await Promise.all(setUps.map(({ name, listeners }) => agents.get(name)?.order('serve', { listeners })));
  return { agents, namespaces };
}

/** Processes first: a namespace lives as long as there is a process in it. */
export async function removeNetwork(prefix: string, agents: ReadonlyMap<string, Agent>): Promise<void> {
  await Promise.all([...agents.values()].map((agent) => agent.end()));
  await removeNamespaces(prefix);
}

/** The agents live on until their namespaces are removed. */
export async function leaveNetwork(agents: ReadonlyMap<string, Agent>): Promise<void> {
  for (const agent of agents.values()) {
    await agent.order('stay', { namespacePath: namespacePath(agent.namespace) });
    agent.release();
  }
}
