/** Keeps UDP clients from being stuck with endpoints that are gone, behind the rules and never in their way. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type IpAddress, type IpFamily, ipFamilies } from '../../core/model/address.ts';
import { localAddresses } from '../local-addresses.ts';
import { nodePortAddresses } from '../node-port-addresses.ts';
import { type RunCommand, runCommand } from '../run-command.ts';
import { deleteStaleEntries, type PassResult } from './pass.ts';
import { type NodeState, noTargets, type UdpTargets, udpTargets, withGone } from './targets.ts';

export interface ConntrackReconciler {
  /**
   * Says what the kernel's rules are now; returns at once. To be called after the rules stand, and only where
   * `udpChanged`. Requests that come while entries are looked at are answered together, by the last state.
   */
  request(state: NodeState): void;
  /** Ends it, in the middle of a pass if need be; afterwards nothing is reported any more. */
  stop(): Promise<void>;
}

export interface ReconcilerOptions {
  /** For each family after each pass. A problem that was reported and persists is not reported again. */
  readonly onReport: (report: PassResult) => void;
  /** Time for one family; 10 s when absent. */
  readonly budgetMs?: number;
  /** How long to wait before what was not finished or failed is tried again; 1 s and 60 s when absent. */
  readonly pausesMs?: Readonly<Record<'outOfTime' | 'failed', number>>;
  /** How programs are run, and which addresses this node has; those of this machine when absent. */
  readonly run?: RunCommand;
  readonly addresses?: (family: IpFamily) => Promise<readonly IpAddress[]>;
}

export function startConntrackReconciler(options: ReconcilerOptions): ConntrackReconciler {
  const { pausesMs = { outOfTime: 1000, failed: 60_000 } } = options;
  const stopping = new AbortController();
  const reconcilers = ipFamilies.map((family) => reconcilerOf(family, options, stopping.signal));
  let wanted: NodeState | undefined;
  let wake = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;

  const passes = async (): Promise<void> => {
    while (wanted !== undefined && !stopping.signal.aborted) {
      const state = wanted;
      wanted = undefined;
      wake = new AbortController();
      const results: PassResult['kind'][] = [];
      for (const reconcile of reconcilers) results.push(await reconcile(state));
      const unfinished = (['failed', 'outOfTime'] as const).find((kind) => results.includes(kind));
      if (unfinished === undefined) continue;
      // Whatever comes first: the time to try again, a newer state, or the end.
      await sleep(pausesMs[unfinished], undefined, { signal: wake.signal, ref: false }).catch(() => undefined);
      wanted ??= state;
    }
    isRunning = false;
  };
  return {
    request: (state) => {
      wanted = state;
      wake.abort();
      if (isRunning) return;
      isRunning = true;
      // Not in this turn of the event loop, which is the caller's.
      running = setImmediate().then(passes);
    },
    stop: async () => {
      stopping.abort();
      wake.abort();
      await running;
    },
  };
}

type Reconcile = (state: NodeState) => Promise<PassResult['kind']>;

/** Remembers what one family had to account for, and what it last complained about. */
function reconcilerOf(family: IpFamily, options: ReconcilerOptions, signal: AbortSignal): Reconcile {
  const { budgetMs = 10_000, run = runCommand, addresses = localAddresses } = options;
  let before: UdpTargets = noTargets;
  let complaint: string | undefined;
  return async (state) => {
    const now = udpTargets(state, family);
    const targets = withGone(before, now);
    if (targets.frontends.size === 0 && targets.nodePorts.size === 0) return 'complete';
    const result = await deleteStaleEntries({
      family,
      targets,
      nodeAddresses: nodePortAddresses(state.plans[family], await addresses(family)),
      budgetMs,
      signal,
      run,
    });
    if (signal.aborted) return 'complete';
    // After a failure what is gone is forgotten: a tool that is never there must not fill the memory.
    before = result.kind === 'outOfTime' ? targets : now;
    const isKnown = result.problem?.problem === complaint;
    complaint = result.problem?.problem;
    options.onReport(isKnown ? { ...result, problem: undefined } : result);
    return result.kind;
  };
}
