/** Everything that these tests need at once: the network, the API server, the program, and traffic. */
import { setTimeout as sleep } from 'node:timers/promises';
import { leaveHint } from '../../../scripts/lab/network/tools.ts';
import { createRandom, type Random } from '../support/random.ts';
import { type ShopCluster, startCluster } from './cluster.ts';
import { type Judgement, type JudgeOptions, judge } from './judge.ts';
import { type KernelState, kernelState } from './kernel-state.ts';
import { buildStage, clients, type Stage } from './network.ts';
import { type Installation, install, type Mode, type ProxyOptions, variantOf } from './proxy.ts';
import { type Frontend, frontends } from './shop.ts';

export interface Scene {
  readonly stage: Stage;
  readonly cluster: ShopCluster;
  readonly installation: Installation;
  /** The same node with the program in another mode. */
  inMode(mode: Mode): Promise<Pick<Scene, 'installation' | 'kernel'>>;
  readonly kernel: KernelState;
  /** The same of IPv4 alone. */
  readonly ipv4: KernelState;
  /** Changes by chance, this many, so many a second on average. */
  churn(random: Random, changes: number, perSecond: number): Promise<void>;
  startTraffic(options?: Partial<Pace>): Promise<RunningTraffic>;
}

export interface Pace {
  readonly heldEach: number;
  readonly echoEveryMs: number;
  readonly connectEveryMs: number;
  /** Where traffic goes; everywhere when absent. */
  readonly to?: (frontend: Frontend) => boolean;
}

export interface RunningTraffic {
  /** Ends it, and judges it. */
  end(by: Pick<JudgeOptions, 'atLeast' | 'programmingMs'>): Promise<Judgement>;
}

type SceneOptions = Omit<ProxyOptions, 'stage' | 'url'>;

/** Runs a test in a scene, which is taken down however that ends. */
export async function withScene(options: SceneOptions, body: (scene: Scene) => Promise<void>): Promise<void> {
  const { scene, close } = await openScene(options);
  await body(scene).finally(close);
}

export interface OpenScene {
  readonly scene: Scene;
  close(): Promise<void>;
}

export async function openScene(options: SceneOptions): Promise<OpenScene> {
  const stage = await buildStage();
  const ends: (() => Promise<unknown>)[] = [stage.remove];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    if (options.mode !== 'nftables') await leaveHint(stage.node, variantOf(options.mode));
    const cluster = await startCluster(stage);
    ends.push(cluster.server.goDown);
    const installIn = async (mode: Mode): Promise<Installation> => {
      const installation = await install({ ...options, mode, stage, url: cluster.server.url });
      ends.push(installation.remove);
      return installation;
    };
    return { scene: sceneOf(options.mode, { stage, cluster, installIn }, await installIn(options.mode)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts extends Pick<Scene, 'stage' | 'cluster'> {
  readonly installIn: (mode: Mode) => Promise<Installation>;
}

function sceneOf(mode: Mode, { stage, cluster, installIn }: Parts, installation: Installation): Scene {
  const stateIn = (of: Mode, { config }: Installation) => ({
    node: stage.node,
    mode: of,
    config,
    server: cluster.server,
  });
  return {
    ...{ stage, cluster, installation },
    inMode: async (other) => {
      const installed = await installIn(other);
      return { installation: installed, kernel: kernelState(stateIn(other, installed)) };
    },
    kernel: kernelState(stateIn(mode, installation)),
    ipv4: kernelState({ ...stateIn(mode, installation), families: ['IPv4'] }),
    churn: async (random, changes, perSecond) => {
      for (let n = 0; n < changes; n += 1) {
        cluster.changeOne(random);
        await sleep((random.integer(2000) + 1) / perSecond);
      }
    },
    startTraffic: (pace) => startTraffic(stage, cluster, pace),
  };
}

const usualPace: Pace = { heldEach: 2, echoEveryMs: 400, connectEveryMs: 10 };

/** Resolves once connections are held. */
async function startTraffic(
  stage: Stage,
  { timeline }: ShopCluster,
  pace: Partial<Pace> = {},
): Promise<RunningTraffic> {
  const { to = () => true, ...order } = { ...usualPace, ...pace };
  const chosen = frontends.filter(to);
  for (const client of clients) {
    const targets = chosen.filter((frontend) => frontend.client === client);
    await stage.agent(client).order('startTraffic', { targets, ...order });
  }
  const wanted = chosen.filter(({ protocol }) => protocol === 'TCP').length * order.heldEach;
  const countHeld = async (): Promise<number> => {
    const counts = await Promise.all(clients.map((client) => stage.agent(client).order('countHeld', null)));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  // Where nobody answers now there is nobody to hold.
  for (let tries = 0; (await countHeld()) < wanted * 0.8 && tries < 300; tries += 1) await sleep(100);
  return {
    end: async (by) => {
      const reports = await Promise.all(clients.map((client) => stage.agent(client).order('endTraffic', null)));
      return judge({ reports, timeline, ...by });
    },
  };
}

/** For the reader of a run: what it was, in numbers. */
export function tell(what: string, numbers: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(numbers).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? rounded(value) : value}`,
  );
  process.stdout.write(`${what}: ${text.join(', ')}\n`);
}

function rounded(value: number): string {
  return value.toFixed(value % 1 === 0 ? 0 : 1);
}

/** Another one with each run where RULEWRIGHT_SEED says so; told, so that it can be had again. */
export function seededRandom(): { readonly seed: number; readonly random: Random } {
  const seed = Number(process.env['RULEWRIGHT_SEED'] ?? 20_261_126);
  return { seed, random: createRandom(seed) };
}
