/** The program as the image starts it, on the node that this process is in: in namespaces that end with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProxyMode } from '../../src/core/model/config.ts';
import { type ApiServer, startApiServer } from '../../test/support/api-server/server.ts';
import { bundle, imageFlags } from '../bundle.ts';
import { makeObjects, podCidr } from './inputs.ts';

/** An API server with a cluster of so many Services. */
export async function serveCluster(services: number): Promise<ApiServer> {
  const server = await startApiServer();
  for (const object of makeObjects(services)) server.set(object as Parameters<ApiServer['set']>[0]);
  return server;
}

/** Once for all that is started. */
export async function bundleProgram(): Promise<string> {
  const { program } = await bundle(fileURLToPath(new URL('../../dist/bundle', import.meta.url)));
  return program;
}

export interface DaemonOptions {
  readonly program: string;
  /** Of the API server. */
  readonly url: string;
  readonly mode: ProxyMode;
  /** What it logs, as it comes. */
  readonly onLog?: (text: string) => void;
}

export function startDaemon({ program, url, mode, onLog }: DaemonOptions): ChildProcess {
  const node = [...imageFlags, program, 'run', '--master', url];
  const rules = ['--hostname-override', 'node-0', '--cluster-cidr', podCidr, '--proxy-mode', mode];
  // What is not a namespace's own stays as it is on this machine.
  const machine = ['--conntrack-max-per-core', '0', '--conntrack-min', '0', '--oom-score-adj', '0'];
  const daemon = spawn(process.execPath, [...node, ...rules, ...machine], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  daemon.stderr.on('data', (chunk: Buffer) => {
    onLog?.(chunk.toString());
    said = (said + chunk.toString()).slice(-2000);
  });
  daemon.on('exit', (code) => {
    if (code === 0) return;
    process.stderr.write(`the daemon ended with exit code ${code}:\n${said}`);
    process.exit(1);
  });
  return daemon;
}

/** Until it has used no processor time for half a second. */
export async function idle(daemon: ChildProcess): Promise<void> {
  for (let before = -1; ; ) {
    const ticks = readFileSync(`/proc/${daemon.pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number);
    const used = (ticks ?? []).reduce((sum, each) => sum + each, 0);
    if (used - before < 3) return;
    before = used;
    await sleep(500);
  }
}
