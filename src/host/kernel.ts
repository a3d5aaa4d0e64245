/** The rules of one IP family in the kernel, as the sync loop sees them, in either mode. */
import type { IpFamily } from '../core/model/address.ts';
import type { ProxyMode } from '../core/model/config.ts';
import type { Rules, RulesChange } from '../core/rules.ts';

export interface Kernel {
  readonly family: IpFamily;
  readonly mode: ProxyMode;
  /** What does the work, for people: `nft 1.0.6`, `iptables-restore 1.8.9 (legacy)`. */
  readonly tool: string;
  /**
   * All that stands in the kernel and is ours: our table, or the KUBE- chains and the jumps to them. Undefined where
   * there is nothing of ours. Rejects with a `KernelError` when the kernel could not be asked or did not make sense.
   * It is given up after `limitMs`: nft begins anew at each commit meanwhile, and so may never end.
   */
  read(limitMs?: number): Promise<Rules | undefined>;
  /**
   * Whether these rules still stand. Costs little, milliseconds instead of the seconds of `read` in a large cluster:
   * where it is known what other programs may have changed, only that is looked at; everything with `thorough`.
   * Rejects like `read`.
   */
  findDrift(applied: Rules, thorough: boolean): Promise<Drift>;
  /** Sends the text of a change, which is not empty. Never rejects. */
  apply(change: Pick<RulesChange, 'text'>): Promise<ApplyOutcome>;
  /**
   * Calls back, until the signal aborts, when another program may have changed rules that are ours: the time to ask
   * `findDrift`. Never because of `apply`. Once when it begins to hear of changes; every few seconds where it cannot.
   */
  watch(onSuspicion: (why: string) => void, signal: AbortSignal): void;
}

/** How the rules in the kernel differ from those that were applied. */
export interface Drift {
  /** What is not as it was applied, a line each (`chain nat KUBE-SERVICES is gone`); empty when all of it stands. */
  readonly lost: readonly string[];
  /** What stands, as `read` gives it; what was not looked at is as it was applied. Throws a `KernelError`, too. */
  readonly standing: () => Rules | undefined;
}

/** How a transaction ended; `lockWaitMs` is the time it waited for the xtables lock. */
export type ApplyOutcome = { readonly kind: 'applied'; readonly lockWaitMs: number } | ApplyFailure;

/** The kernel did not take a transaction, or not all of it. */
export interface ApplyFailure {
  readonly kind: 'failed';
  /**
   * `base`: something that should be there is missing, or the other way round, so what stands is not what was taken for
   * the base. `refused`: the text itself is not accepted. `lock`: another process held the xtables lock for too long.
   * `tool`: the program is missing, crashed, was killed or may not do it.
   */
  readonly reason: 'base' | 'refused' | 'lock' | 'tool';
  /** What the program said, or how it ended: one or a few lines. */
  readonly detail: string;
  /** Line of the text, from 1, where the program names one. */
  readonly line?: number;
  readonly lockWaitMs: number;
}

/** The kernel could not be asked. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** Why a node cannot have rules of a mode. */
export interface KernelProblem {
  /** What is wrong, in one line. */
  readonly problem: string;
  /** What to do about it, in one line. */
  readonly remedy: string;
  /** What the program said, if it said something. */
  readonly detail: string;
}
