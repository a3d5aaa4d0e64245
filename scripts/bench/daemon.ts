/**
 * The daemon beside an API server, in namespaces that end with this process: prints `DaemonFigures` as JSON. The moment
 * a change is in the kernel is told by the kernel itself. It is started by worker.ts, never by hand: the daemon would
 * program the machine it runs on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ruleEvents } from '../../src/host/rule-listener.ts';
import { systemCommands } from '../../src/host/run-command.ts';
import { type ApiServer, startApiServer } from '../../test/support/api-server/server.ts';
import { bundle } from '../bundle.ts';
import { makeSlice } from './cluster.ts';
import { endpointsPerService, makeObjects, podCidr } from './inputs.ts';
import { median, percentile } from './timing.ts';
import { setUpNetwork } from './tools.ts';

export interface DaemonFigures {
  readonly services: number;
  /** From the start of the process to the first commit, which has all rules of IPv4. */
  readonly coldStartMs: number;
  /** From the API server's write to the kernel's commit. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly changes: number;
  /** Resident memory of the daemon: after the start, after the changes, and at its highest. */
  readonly startMb: number;
  readonly afterMb: number;
  readonly peakMb: number;
}

const changes = 100;
const betweenMs = 100;

async function measure(services: number): Promise<DaemonFigures> {
  setUpNetwork();
  const server = await startApiServer();
  for (const object of makeObjects(services)) server.set(object as Parameters<ApiServer['set']>[0]);
  const { program } = await bundle(fileURLToPath(new URL('../../dist/bundle', import.meta.url)));
  const commits = await listenToCommits();
  const startedAt = performance.now();
  const daemon = startDaemon(program, server.url);
  const firstCommit = await commits.next();
  await idle(daemon);
  const startMb = memoryMb(daemon, 'VmRSS');
  const latencies: number[] = [];
  for (let round = 0; round < changes; round += 1) {
    const object = changeObject(round, services);
    const writtenAt = performance.now();
    const committed = commits.next();
    server.set(object as Parameters<ApiServer['set']>[0]);
    latencies.push((await committed) - writtenAt);
    await sleep(Math.max(0, betweenMs - (performance.now() - writtenAt)));
  }
  const [afterMb, peakMb] = [memoryMb(daemon, 'VmRSS'), memoryMb(daemon, 'VmHWM')];
  daemon.kill('SIGTERM');
  return {
    services,
    coldStartMs: firstCommit - startedAt,
    p50Ms: median(latencies),
    p99Ms: percentile(latencies, 0.99),
    changes,
    ...{ startMb, afterMb, peakMb },
  };
}

/** Takes an endpoint of one Service away and gives it back, in turn; the Services lie apart. */
function changeObject(round: number, services: number): unknown {
  // The first two are left out: one of them has an endpoint less from the beginning.
  const service = 2 + (((round >> 1) * 37) % (services - 2));
  return makeSlice(service, endpointsPerService, (round + 1) % 2);
}

/** As the image starts it. */
function startDaemon(program: string, url: string): ChildProcess {
  const node = ['--max-semi-space-size=4', '--optimize-for-size', program, 'run', '--master', url];
  const rules = ['--hostname-override', 'node-0', '--cluster-cidr', podCidr, '--proxy-mode', 'nftables'];
  // What is not a namespace's own stays as it is on this machine.
  const machine = ['--conntrack-max-per-core', '0', '--conntrack-min', '0', '--oom-score-adj', '0'];
  const daemon = spawn(process.execPath, [...node, ...rules, ...machine], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  daemon.stderr.on('data', (chunk: Buffer) => {
    if (process.env['BENCH_LOG']) process.stderr.write(chunk);
    said = (said + chunk.toString()).slice(-2000);
  });
  daemon.on('exit', (code) => {
    if (code === 0) return;
    process.stderr.write(`the daemon ended with exit code ${code}:\n${said}`);
    process.exit(1);
  });
  return daemon;
}

interface Commits {
  /** When the next commit to our IPv4 table comes, by `performance.now()`. */
  next(): Promise<number>;
}

async function listenToCommits(): Promise<Commits> {
  let tell: (at: number) => void = () => undefined;
  const listening = new Promise<void>((resolve, reject) => {
    ruleEvents(systemCommands.stream).subscribe(
      {
        onCommit({ changes: changed }) {
          if (changed.some(({ table, family }) => table === 'rulewright' && family === 'IPv4')) tell(performance.now());
        },
        onMissed: () => resolve(),
        onDeaf: (why) => reject(new Error(`the kernel cannot be heard: ${why}`)),
      },
      new AbortController().signal,
    );
  });
  await listening;
  return {
    next: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
  };
}

/** Until it has used no processor time for half a second. */
async function idle(daemon: ChildProcess): Promise<void> {
  for (let before = -1; ; ) {
    const ticks = readFileSync(`/proc/${daemon.pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number);
    const used = (ticks ?? []).reduce((sum, each) => sum + each, 0);
    if (used - before < 3) return;
    before = used;
    await sleep(500);
  }
}

function memoryMb({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1000;
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(Number(process.argv[2]))));
  process.exit(0);
}
