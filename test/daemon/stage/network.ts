/**
 * The network of these tests: the node under test with two pods of its own, another node with eight, and somebody
 * outside, each in a namespace with an agent. Pods are named by their addresses.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ipBatch, removeNamespaces, setSysctls } from '../../../scripts/quickstart-lib/namespaces.ts';
import { layOut } from '../../../scripts/quickstart-lib/topology.ts';
import type { Network, PodSpec } from '../../../scripts/quickstart-lib/traffic.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import { type Namespace, namespaceOf } from '../../support/kernel.ts';
import { type Agent, startAgent } from './agent-link.ts';

export const nodeName = 'node-a';
export const nodeAddress = '192.0.2.10';

/** Whose connections are looked at. */
export const clients = ['pod-1', nodeName, 'outside'] as const;
export type Client = (typeof clients)[number];

/** Of both families, by number: 1 and 2 are on the node under test. */
export const podNumbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
export const podPorts = { tcp: 8080, udp: 5353 } as const;

export const isLocalPod = (number: number): boolean => number <= 2;

export function podAddress(number: number, family: IpFamily): string {
  const [node, host] = [isLocalPod(number) ? 0 : 1, 10 + number];
  return family === 'IPv4' ? `10.244.${node}.${host}` : `fd00:10:244:${node}::${host}`;
}

const localPods: readonly PodSpec[] = podNumbers.filter(isLocalPod).map((number) => ({
  name: `pod-${number}`,
  node: nodeName,
  addresses: ipFamilies.map((family) => podAddress(number, family)),
  httpPorts: [],
  dnsPorts: [],
}));

const network: Network = {
  node: {
    name: nodeName,
    addresses: [`${nodeAddress}/24`, '2001:db8:2::10/64'],
    podCidrs: ['10.244.0.0/24', 'fd00:10:244:0::/64'],
    gateways: ['10.244.0.1', 'fd00:10:244:0::1'],
  },
  otherNodes: [
    {
      name: 'node-b',
      addresses: ['192.0.2.11/24', '2001:db8:2::11/64'],
      podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'],
      gateways: [],
    },
  ],
  clusterCidrs: ['10.244.0.0/16', 'fd00:10:244::/48'],
  outsideAddresses: ['192.0.2.1/24', '2001:db8:2::1/64'],
  routedToNode: ['10.96.0.0/16', '203.0.113.0/24', 'fd00:10:96::/112'],
  pods: [
    ...localPods,
    {
      ...{ name: 'pods-b', node: 'node-b', httpPorts: [], dnsPorts: [] },
      addresses: podNumbers
        .filter((number) => !isLocalPod(number))
        .flatMap((number) => ipFamilies.map((family) => podAddress(number, family))),
    },
  ],
};

export interface Stage {
  /** The node's namespace, with its own xtables lock. */
  readonly node: Namespace;
  readonly agents: { readonly [name: string]: Agent };
  agent(name: string): Agent;
  /** Ends all agents and removes all namespaces. */
  remove(): Promise<void>;
}

let built = 0;

export async function buildStage(): Promise<Stage> {
  built += 1;
  const prefix = `rw-chaos-${process.pid}-${built}-`;
  const agents: { [name: string]: Agent } = {};
  const remove = async (): Promise<void> => {
    await Promise.all(Object.values(agents).map((agent) => agent.end()));
    await removeNamespaces(prefix);
    await rm(lockFile, { force: true });
  };
  const lockFile = join(tmpdir(), `${prefix}lock`);
  const setUps = layOut(network, (name) => `${prefix}${name}`);
  try {
    await ipBatch(setUps.map(({ name }) => `netns add ${prefix}${name}`));
    for (const { name, sysctls } of setUps) if (sysctls.length > 0) await setSysctls(`${prefix}${name}`, sysctls);
    for (const { name, links } of setUps) await ipBatch(links, `${prefix}${name}`);
    for (const { name, configure } of setUps) await ipBatch(configure, `${prefix}${name}`);
    const inhabited = setUps.filter(({ hasAgent }) => hasAgent);
    await Promise.all(
      inhabited.map(async ({ name }) => {
        agents[name] = await startAgent(`${prefix}${name}`);
      }),
    );
    for (const { name, node, addresses } of network.pods) {
      const place = node === nodeName ? name : node;
      await agents[place]?.order('serve', { addresses, ...podPorts });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const agent = (name: string): Agent => {
    const found = agents[name];
    if (found === undefined) throw new Error(`nobody is in ${name}`);
    return found;
  };
  return { node: namespaceOf(`${prefix}${nodeName}`, lockFile), agents, agent, remove };
}
