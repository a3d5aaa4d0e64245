/** `rulewright run` as users start it: the bundled program, a configuration file of kube-proxy's, a kubeconfig. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { imageFlags } from '../../../scripts/bundle.ts';
import type { Variant } from '../../../scripts/lab/network/tools.ts';
import { installProgram } from '../../../scripts/lab/program/install.ts';
import { type RunningProgram, startProgram } from '../../../scripts/lab/program/running.ts';
import { readRunSettings } from '../../../src/cli/run/settings.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import { nodeConfigOf } from '../../../src/daemon/node/config.ts';
import { token } from './cluster.ts';
import { nodeName, type Stage } from './network.ts';

export type Mode = 'nftables' | 'iptables-legacy' | 'iptables-nft';
export const modes: readonly Mode[] = ['nftables', 'iptables-legacy', 'iptables-nft'];

/** Of iptables, in its modes. */
export function variantOf(mode: Exclude<Mode, 'nftables'>): Variant {
  return mode === 'iptables-nft' ? 'nft' : 'legacy';
}

export interface ProxyOptions {
  readonly stage: Stage;
  readonly mode: Mode;
  readonly url: string;
  /** Goes before PATH. */
  readonly tools?: string;
  /** Instead of PATH. */
  readonly path?: string;
  /** Environment variables besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** Fields of the configuration file in place of those here. */
  readonly over?: Readonly<Record<string, unknown>>;
}

/** How to start the program again and again with the same configuration. */
export interface Installation {
  readonly config: NodeConfig;
  /** `log`: an open descriptor for its log, which is read when absent. */
  start(log?: number): RunningProxy;
  /** `--init-only` with the same configuration. */
  init(): RunningProxy;
  /** The file of --config. */
  readonly file: string;
  /** `rulewright compile` of a List of objects, with the same configuration. */
  compile(list: unknown): Promise<string>;
  /** Kills what still runs. */
  remove(): Promise<void>;
}

export interface RunningProxy extends RunningProgram {
  /** A page of its metrics address, or of its healthz address. */
  page(path: string): Promise<{ readonly status: number; readonly body: string }>;
}

const probes: readonly string[] = ['/healthz', '/livez', '/readyz'];
export const ports = { healthz: 10_256, metrics: 10_249 } as const;

export async function install(options: ProxyOptions): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'rulewright-chaos-'));
  const program = await installProgram(folder);
  await mkdir(join(folder, 'etc'));
  const [kubeconfig, file] = [join(folder, 'etc/kubeconfig'), join(folder, 'etc/config.yaml')];
  await writeFile(kubeconfig, stringify(kubeconfigFor(options.url)));
  await writeFile(file, stringify(configurationFor(options, kubeconfig)));
  const read = await readRunSettings({ config: [file] });
  if ('errors' in read) throw new Error(JSON.stringify(read.errors));
  const started: RunningProxy[] = [];
  const start = (flags: readonly string[], log?: number): RunningProxy => {
    const proxy = startProxy([...imageFlags, program, 'run', '--config', file, '-v', '2', ...flags], options, log);
    started.push(proxy);
    return proxy;
  };
  return {
    config: nodeConfigOf(read.settings.proxy),
    file,
    start: (log) => start([], log),
    init: () => start(['--init-only']),
    compile: async (list) => {
      const args = ['compile', '-f', '-', '--config', file, '--ip-family', 'both'];
      const input = JSON.stringify(list);
      return (await execa(process.execPath, [program, ...args], { input, stripFinalNewline: false })).stdout;
    },
    remove: async () => {
      await Promise.all(started.map((proxy) => proxy.kill('SIGKILL')));
      await rm(folder, { recursive: true });
    },
  };
}

function kubeconfigFor(server: string): unknown {
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'shop' },
    clusters: [{ name: 'shop', cluster: { server } }],
    users: [{ name: 'proxy', user: { token } }],
    contexts: [{ name: 'shop', context: { cluster: 'shop', user: 'proxy' } }],
  };
}

/** What a namespace cannot have for itself stays as it is on this machine: oom_score_adj, nf_conntrack_max. */
function configurationFor({ mode, over = {} }: ProxyOptions, kubeconfig: string): unknown {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: mode === 'nftables' ? 'nftables' : 'iptables',
    hostnameOverride: nodeName,
    clusterCIDR: '10.244.0.0/16,fd00:10:244::/48',
    clientConnection: { kubeconfig },
    healthzBindAddress: `0.0.0.0:${ports.healthz}`,
    metricsBindAddress: `127.0.0.1:${ports.metrics}`,
    iptables: { minSyncPeriod: '0s' },
    nftables: { minSyncPeriod: '0s' },
    conntrack: { maxPerCore: 0, min: 0 },
    oomScoreAdj: 0,
    ...over,
  };
}

function startProxy(
  args: readonly string[],
  { stage, tools, path, env }: ProxyOptions,
  log: number | undefined,
): RunningProxy {
  const usual = path ?? process.env['PATH'] ?? '';
  // It ends with this process, however that ends.
  const bound = ['setpriv', '--pdeathsig', 'KILL', process.execPath];
  const program = startProgram({
    command: ['ip', 'netns', 'exec', stage.node.name, ...bound, ...args],
    log,
    env: {
      ...process.env,
      PATH: tools === undefined ? usual : `${tools}:${usual}`,
      XTABLES_LOCKFILE: stage.node.lockFile,
      ...env,
    },
  });
  return {
    ...program,
    page: (path) => {
      const port = probes.includes(path) ? ports.healthz : ports.metrics;
      return stage.agent(nodeName).order('fetch', { url: `http://127.0.0.1:${port}${path}` });
    },
  };
}
