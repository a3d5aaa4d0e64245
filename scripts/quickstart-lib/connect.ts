/** The part of a run that takes root: from the empty network to its end, or to a network that is left standing. */
import process from 'node:process';
import type { Agent } from '../lab/agent/start.ts';
import { leaveNetwork, removeNetwork } from '../lab/network/build.ts';
import { namespacePath } from '../lab/network/namespaces.ts';
import { endDaemon, endOfLog, logFile } from '../lab/program/daemon.ts';
import { explainCommand, manifestFolder } from './node/keeper.ts';
import type { Colors } from './output/colors.ts';
import { heading } from './output/render.ts';
import { interruption } from './run/interruption.ts';
import { removeLeftovers } from './run/leftovers.ts';
import { runShow, type ShowOptions, type Spectator, type Started } from './show.ts';

export interface Connecting extends Omit<ShowOptions, 'agents'> {
  readonly colors: Colors;
  readonly say: (line: string) => void;
}

/** Nothing stays when it throws. */
export async function connect(task: Connecting, spectator: Spectator): Promise<void> {
  const { prefix, place, say } = task;
  const { keep } = task.options;
  const leftovers = await removeLeftovers();
  if (leftovers > 0) say(`   (removed ${leftovers} namespaces left behind by a killed run)`);
  const agents = new Map<string, Agent>();
  let daemon: Started | undefined;
  try {
    daemon = await runShow({ ...task, agents }, spectator);
  } catch (error) {
    throw interruption(error) ?? new Error(`${messageOf(error)}${endOfLog(place.folder)}`, { cause: error });
  } finally {
    if (keep && daemon !== undefined) await leaveNetwork(agents);
    else {
      await endDaemon(place.folder);
      await removeNetwork(prefix, agents);
    }
  }
  if (keep) for (const line of keptLines(task, daemon)) say(line);
}

function keptLines({ prefix, traffic, backend, place, colors }: Connecting, { pid }: Started): string[] {
  const inNode = (command: string): string => `ip netns exec ${place.namespace} ${command}`;
  return [
    heading(6, 'Kept', colors),
    `   the daemon         process ${pid}, tail -f ${logFile(place.folder)}`,
    `   change the shop    edit the files in ${manifestFolder(place.folder)}`,
    `   ask the daemon     ${inNode(explainCommand(place, traffic.change).join(' '))}`,
    `   the node's rules   ${inNode(backend.listCommand)}`,
    `   a shell in a pod   ip netns exec ${prefix}${traffic.change.kept.from} bash`,
    `   all namespaces     ls ${namespacePath(prefix)}*`,
    `   remove it all      scripts/quickstart --remove ${process.pid}`,
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
