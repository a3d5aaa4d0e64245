/**
 * Measures the time to restore rules that another program removes: prints `RepairFigures` as JSON. It is started by
 * worker.ts, never by hand: the daemon would program the machine it runs on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { programmedLine } from '../../lab/program/running.ts';
import { bundleProgram, serveCluster, startDaemon } from '../daemon/start.ts';
import { type Backend, modeOf } from '../scenarios.ts';
import { median } from '../timing.ts';
import { run, setUpNetwork } from '../tools.ts';

export interface RepairFigures {
  readonly backend: Backend;
  readonly services: number;
  /** From the start of the process until every Service is programmed. */
  readonly coldStartMs: number;
  /** From the end of the removing command to the commit that restores the rules; medians of `times`. */
  readonly chainMs: number;
  readonly partMs: number;
  /** All our rules (both families in nftables mode), once. */
  readonly allMs: number;
}

const times = 3;

/** After this time the daemon has finished its pause after the last commit. */
const quietMs = 2_000;

type Command = Parameters<typeof run>[0];

/** Flush a chain; flush a map, or delete a jump; flush everything. */
const harm: Readonly<Record<Backend, { readonly chain: Command; readonly part: Command; readonly all: Command }>> = {
  nftables: {
    chain: ['nft', 'flush', 'chain', 'ip', 'rulewright', 'nat-prerouting'],
    part: ['nft', 'flush', 'map', 'ip', 'rulewright', 'services'],
    all: ['nft', 'flush', 'ruleset'],
  },
  'iptables-nft': {
    chain: ['iptables-nft', '-t', 'nat', '-F', 'KUBE-SERVICES'],
    part: ['iptables-nft', '-t', 'nat', '-D', 'OUTPUT', '1'],
    all: ['iptables-nft', '-t', 'nat', '-F'],
  },
  'iptables-legacy': {
    chain: ['iptables-legacy', '-t', 'nat', '-F', 'KUBE-SERVICES'],
    part: ['iptables-legacy', '-t', 'nat', '-D', 'OUTPUT', '1'],
    all: ['iptables-legacy', '-t', 'nat', '-F'],
  },
};

async function measure(backend: Backend, services: number): Promise<RepairFigures> {
  setUpNetwork();
  // The kubelet's hint for the variant of this node.
  if (backend !== 'nftables') run([backend, '-t', 'mangle', '-N', 'KUBE-IPTABLES-HINT']);
  const server = await serveCluster(services);
  const program = await bundleProgram();
  const startedAt = performance.now();
  const mode = modeOf(backend);
  const daemon = startDaemon({ program, url: server.url, mode });
  let readTo = 0;
  const seen = async (pattern: RegExp): Promise<number> => {
    while (!pattern.test(daemon.log().slice(readTo))) await sleep(2);
    return performance.now();
  };
  const coldStartMs = (await seen(new RegExp(programmedLine))) - startedAt;
  const repairMs = async (command: Command): Promise<number> => {
    // The daemon checks legacy tables regularly, so it is never idle.
    await sleep(quietMs);
    readTo = daemon.log().length;
    run(command);
    const harmedAt = performance.now();
    return (await seen(/Restored rules that another program had changed/)) - harmedAt;
  };
  const often = async (command: Command): Promise<number> => {
    const found: number[] = [];
    for (let round = 0; round < times; round += 1) found.push(await repairMs(command));
    return median(found);
  };
  const { chain, part, all } = harm[backend];
  const figures = { chainMs: await often(chain), partMs: await often(part), allMs: await repairMs(all) };
  await daemon.kill('SIGTERM');
  return { backend, services, coldStartMs, ...figures };
}

if (import.meta.main) {
  const [backend, services] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(backend as Backend, Number(services))));
  process.exit(0);
}
