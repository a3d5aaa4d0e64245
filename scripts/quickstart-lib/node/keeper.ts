/** The daemon keeps the node: a copy of the example is its folder of manifests, and an edit there is a change. */
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '../../lab/agent/start.ts';
import { run } from '../../lab/exec.ts';
import type { Network } from '../../lab/network/network.ts';
import { startDaemon } from '../../lab/program/daemon.ts';
import { machineFlags } from '../../lab/program/running.ts';
import type { Backend, Place } from '../backend/backend.ts';
import type { Change } from '../description/traffic.ts';
import type { Options } from '../options.ts';
import { healthzAddress, metricsAddress, readTransactions, type Transaction } from './pages.ts';
import { exampleFolder, laterFolder, nodeFlags } from './rules.ts';

const changeTimeoutMs = 10_000;
const pollMs = 5;
const debugUrl = `http://${metricsAddress}`;

export interface KeeperOptions {
  readonly place: Place;
  readonly network: Network;
  readonly options: Options;
  readonly backend: Backend;
  readonly signal: AbortSignal;
}

/** Gives the daemon's process id once every Service is in the kernel. */
export async function startKeeper({ place, network, options, backend, signal }: KeeperOptions): Promise<number> {
  const { namespace, folder, program } = place;
  const manifests = manifestFolder(folder);
  cpSync(exampleFolder, manifests, { recursive: true });
  await backend.prepare(place);
  const flags = [
    ...['--manifests', manifests, '--proxy-mode', options.mode, ...nodeFlags(network, options)],
    ...['--metrics-bind-address', metricsAddress, '--healthz-bind-address', healthzAddress],
    ...machineFlags,
  ];
  const command = ['ip', 'netns', 'exec', namespace, process.execPath, program, 'run', ...flags] as const;
  return await startDaemon({ command, folder, signal });
}

export function manifestFolder(folder: string): string {
  return join(folder, 'shop');
}

/** What the daemon made of an edit. */
export interface Reaction {
  readonly transactions: readonly Transaction[];
  /** From the edit until its transactions were told to be in the kernel; read every few milliseconds. */
  readonly elapsedMs: number;
}

/** The later file takes its namesake's place in the folder. `agent` is in the daemon's namespace. */
export async function editShop(
  { replaces }: Change,
  agent: Agent,
  { place: { folder }, signal }: Pick<KeeperOptions, 'place' | 'signal'>,
): Promise<Reaction> {
  const before = (await readTransactions(agent))[0]?.sync ?? 0;
  const editedMs = performance.now();
  copyFileSync(join(laterFolder, replaces), join(manifestFolder(folder), replaces));
  for (;;) {
    const transactions = (await readTransactions(agent)).filter(({ sync }) => sync > before);
    const elapsedMs = performance.now() - editedMs;
    if (transactions.some(({ result }) => result !== 'applied') || elapsedMs > changeTimeoutMs) {
      throw new Error(`the daemon did not take up the edit of ${replaces}`);
    }
    if (transactions.length > 0) return { transactions, elapsedMs };
    signal.throwIfAborted();
    await delay(pollMs);
  }
}

/** What a person would type to ask the daemon about a packet, without `ip netns exec`. */
export function explainCommand({ program }: Place, { kept: { sources, to } }: Change): string[] {
  const destination = to.address.includes(':') ? `[${to.address}]:${to.port}` : `${to.address}:${to.port}`;
  return [process.execPath, program, 'explain', sources[0] ?? '', destination, '--from', debugUrl];
}

/** Its answer, line by line. */
export async function askKeeper(place: Place, change: Change): Promise<readonly string[]> {
  const answer = await run('ip', ['netns', 'exec', place.namespace, ...explainCommand(place, change)]);
  return answer.trimEnd().split('\n');
}
