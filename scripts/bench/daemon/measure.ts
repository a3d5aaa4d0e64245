/**
 * Measures the daemon with an API server, in namespaces that end with this process: prints `DaemonFigures` as JSON. A
 * notification of the kernel marks the moment of a commit. It is started by worker.ts, never by hand: the daemon would
 * program the machine it runs on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ruleEvents } from '../../../src/host/netlink/listener.ts';
import { runCommand } from '../../../src/host/run-command.ts';
import type { ApiServer } from '../../lab/api-server/server.ts';
import { makeSlice } from '../../lab/clusters/make.ts';
import { changedService, endpointsPerService } from '../inputs.ts';
import { median, percentile } from '../timing.ts';
import { setUpNetwork } from '../tools.ts';
import { bundleProgram, idle, serveCluster, startDaemon } from './start.ts';

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
  const server = await serveCluster(services);
  const program = await bundleProgram();
  const commits = await listenToCommits();
  const startedAt = performance.now();
  const daemon = startDaemon({ program, url: server.url, mode: 'nftables' });
  const firstCommit = await commits.next();
  await idle(daemon);
  const startMb = daemon.memoryMb('VmRSS');
  const latencies: number[] = [];
  for (let round = 0; round < changes; round += 1) {
    const object = changeObject(round, services);
    const writtenAt = performance.now();
    const committed = commits.next();
    server.set(object as Parameters<ApiServer['set']>[0]);
    latencies.push((await committed) - writtenAt);
    await sleep(Math.max(0, betweenMs - (performance.now() - writtenAt)));
  }
  const [afterMb, peakMb] = [daemon.memoryMb('VmRSS'), daemon.memoryMb('VmHWM')];
  await daemon.kill('SIGTERM');
  return {
    services,
    coldStartMs: firstCommit - startedAt,
    p50Ms: median(latencies),
    p99Ms: percentile(latencies, 0.99),
    changes,
    ...{ startMb, afterMb, peakMb },
  };
}

/** Removes and restores an endpoint of one Service, alternating; the Services are far apart. */
function changeObject(round: number, services: number): unknown {
  // The first two are skipped: one of them starts with an endpoint less.
  const service = 2 + (changedService(round) % (services - 2));
  return makeSlice(service, endpointsPerService, (round + 1) % 2);
}

interface Commits {
  /** When the next commit to our IPv4 table comes, by `performance.now()`. */
  next(): Promise<number>;
}

async function listenToCommits(): Promise<Commits> {
  let tell: (at: number) => void = () => undefined;
  const listening = new Promise<void>((resolve, reject) => {
    ruleEvents(runCommand).subscribe(
      {
        onCommit({ changes: changed }) {
          if (changed.some(({ table, family }) => table === 'rulewright' && family === 'IPv4')) tell(performance.now());
        },
        onMissed: () => resolve(),
        onDeaf: (why) => reject(new Error(`no kernel notifications: ${why}`)),
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

if (import.meta.main) {
  console.log(JSON.stringify(await measure(Number(process.argv[2]))));
  process.exit(0);
}
