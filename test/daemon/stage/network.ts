/**
 * The network of these tests: the node under test with two pods of its own, another node with eight, and a client
 * outside, each in a namespace with an agent. Pods are named by their addresses.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent } from '../../../scripts/lab/agent/start.ts';
import { buildNetwork, removeNetwork } from '../../../scripts/lab/network/build.ts';
import type { Network, PodSpec } from '../../../scripts/lab/network/network.ts';
import { type Namespace, namespaceOf } from '../../../scripts/lab/network/tools.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';

export const nodeName = 'node-a';
export const nodeAddress = '192.0.2.10';

/** Whose connections are looked at. */
export const clients = ['pod-1', nodeName, 'outside'] as const;
export type Client = (typeof clients)[number];

/** Of both families, by number: 1 and 2 are on the node under test. */
export const podNumbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
export const podPorts = { tcp: 8080, udp: 5353 } as const;

const listened = [
  { protocol: 'tcp', port: podPorts.tcp },
  { protocol: 'udp', port: podPorts.udp },
] as const;

export const isLocalPod = (number: number): boolean => number <= 2;

export function podAddress(number: number, family: IpFamily): string {
  const [node, host] = [isLocalPod(number) ? 0 : 1, 10 + number];
  return family === 'IPv4' ? `10.244.${node}.${host}` : `fd00:10:244:${node}::${host}`;
}

const localPods: readonly PodSpec[] = podNumbers.filter(isLocalPod).map((number) => ({
  name: `pod-${number}`,
  node: nodeName,
  addresses: ipFamilies.map((family) => podAddress(number, family)),
  ports: listened,
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
      ...{ name: 'pods-b', node: 'node-b', ports: listened },
      addresses: podNumbers
        .filter((number) => !isLocalPod(number))
        .flatMap((number) => ipFamilies.map((family) => podAddress(number, family))),
    },
  ],
};

export interface Stage {
  /** The node's namespace, with its own xtables lock. */
  readonly node: Namespace;
  agent(name: string): Agent;
  /** Ends all agents and removes all namespaces. */
  remove(): Promise<void>;
}

let built = 0;

export async function buildStage(): Promise<Stage> {
  built += 1;
  const prefix = `rw-chaos-${process.pid}-${built}-`;
  const lockFile = join(tmpdir(), `${prefix}lock`);
  const agents = new Map<string, Agent>();
  const remove = async (): Promise<void> => {
    await removeNetwork(prefix, agents);
    await rm(lockFile, { force: true });
  };
  try {
    await buildNetwork(network, { prefix, agents, signal: new AbortController().signal });
  } catch (error) {
    await remove();
    throw error;
  }
  const agent = (name: string): Agent => {
    const found = agents.get(name);
    if (found === undefined) throw new Error(`no agent is in ${name}`);
    return found;
  };
  return { node: namespaceOf(`${prefix}${nodeName}`, lockFile), agent, remove };
}
