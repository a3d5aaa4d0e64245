/** The program as the image starts it, on the node that this process is in: in namespaces that end with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyMode } from '../../../src/core/model/config.ts';
import { bundle, imageFlags } from '../../bundle.ts';
import { type ApiServer, startApiServer } from '../../lab/api-server/server.ts';
import { root } from '../../lab/program/install.ts';
import { machineFlags, type RunningProgram, startProgram } from '../../lab/program/running.ts';
import { makeObjects, podCidr } from '../inputs.ts';

/** An API server with a cluster of so many Services. */
export async function serveCluster(services: number): Promise<ApiServer> {
  const server = await startApiServer();
  for (const object of makeObjects(services)) server.set(object as Parameters<ApiServer['set']>[0]);
  return server;
}

/** Once for all that is started. */
export async function bundleProgram(): Promise<string> {
  const { program } = await bundle(join(root, 'dist/bundle'));
  return program;
}

export interface DaemonOptions {
  readonly program: string;
  /** Of the API server. */
  readonly url: string;
  readonly mode: ProxyMode;
}

/** A daemon that fails ends this process. */
export function startDaemon({ program, url, mode }: DaemonOptions): RunningProgram {
  const node = [...imageFlags, program, 'run', '--master', url];
  const rules = ['--hostname-override', 'node-0', '--cluster-cidr', podCidr, '--proxy-mode', mode];
  const daemon = startProgram({ command: [process.execPath, ...node, ...rules, ...machineFlags] });
  void daemon.ended.then((code) => {
    if (code === 0) return;
    process.stderr.write(`the daemon ended with exit code ${code}:\n${daemon.log().slice(-2000)}`);
    process.exit(1);
  });
  return daemon;
}

/** Until it has used no processor time for half a second. */
export async function idle({ pid }: RunningProgram): Promise<void> {
  for (let before = -1; ; ) {
    const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number);
    const used = (ticks ?? []).reduce((sum, each) => sum + each, 0);
    if (used - before < 3) return;
    before = used;
    await sleep(500);
  }
}
