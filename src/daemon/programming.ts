/** One attempt to make one family's rules in the kernel those of a snapshot: compile, compare, send. */

import type { Clock } from '../clock.ts';
import type { Compiler } from '../core/compiler.ts';
import type { Diagnostic } from '../core/diagnostics.ts';
import type { Plan } from '../core/model/plan.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import { adoptRules, type Rules, type RulesChange } from '../core/rules.ts';
import { emptySnapshot } from '../core/snapshot/snapshot.ts';
import type { ApplyFailure, Kernel } from '../host/kernel.ts';

/** What the loop knows of one family's rules in the kernel. Only the functions of this folder change it. */
export interface Programmed {
  readonly kernel: Kernel;
  /** Undefined where it is not known what stands: then the kernel has to be asked first. */
  base: Base | undefined;
  /** What the rules were compiled from that were sent last with success, and what was planned for it. */
  snapshot: Snapshot;
  plan: Plan | undefined;
  /** Compiled rules of `snapshot`, for people; undefined until something was programmed. */
  rules: Rules | undefined;
}

/** What stands. */
interface Base {
  /** Undefined where the kernel has no rules of ours. */
  readonly rules: Rules | undefined;
  /** It comes from the kernel, which knows no owners of elements, and not from us. */
  readonly wasRead: boolean;
  /** Why it is not known what stands: all of it is replaced. */
  readonly unread?: string;
}

export function nothingProgrammed(kernel: Kernel): Programmed {
  return { kernel, base: undefined, snapshot: emptySnapshot, plan: undefined, rules: undefined };
}

export interface Timings {
  compileMs: number;
  diffMs: number;
  applyMs: number;
  /** Part of `applyMs`. */
  lockWaitMs: number;
  readMs: number;
  /** Asking whether the rules still stand. */
  lookMs: number;
}

export type Attempt =
  | { readonly kind: 'done'; readonly change: RulesChange; readonly diagnostics: readonly Diagnostic[] }
  | FailedAttempt;

export interface FailedAttempt {
  readonly kind: 'failed';
  /**
   * As the kernel has it. Besides, `bug`: the compiler itself gave up; `unreadable`: what stands could not be found
   * out; `ended`: it was not tried any more.
   */
  readonly reason: ApplyFailure['reason'] | 'bug' | 'unreadable' | 'ended';
  readonly problem: string;
  /** Whether what was compared with had just been read from the kernel. */
  readonly wasFresh: boolean;
}

export interface AttemptOptions {
  /** For the family of the kernel. */
  readonly compiler: Compiler;
  readonly clock: Clock;
  /** Adds up what was spent. */
  readonly timings: Timings;
  /** Collects what was found wrong with what stands, a line each. */
  readonly lost: string[];
  /** Whether no other transaction may begin. */
  readonly isStopping: () => boolean;
}

/** Never rejects. After success `programmed` says what stands; after a failure, at least what is no longer known. */
export async function attempt(programmed: Programmed, snapshot: Snapshot, options: AttemptOptions): Promise<Attempt> {
  const { kernel } = programmed;
  const { clock, timings } = options;
  const wasFresh = programmed.base === undefined;
  const failed = (reason: FailedAttempt['reason'], problem: string): FailedAttempt => ({
    kind: 'failed',
    reason,
    problem,
    wasFresh,
  });
  const base = programmed.base ?? (await readBase(kernel, options));
  if ('problem' in base) return failed('unreadable', base.problem);
  programmed.base = base;
  if (options.isStopping()) return failed('ended', 'the daemon is stopping');
  const prepared = prepare(base, snapshot, options);
  if ('problem' in prepared) return failed('bug', prepared.problem);
  const { change, plan, diagnostics } = prepared;
  if (change.text !== '') {
    const sentAtMs = clock.nowMs();
    const outcome = await kernel.apply(change);
    timings.applyMs += clock.nowMs() - sentAtMs;
    timings.lockWaitMs += outcome.lockWaitMs;
    if (outcome.kind === 'failed') {
      if (mayHaveChanged(kernel, outcome)) programmed.base = undefined;
      return failed(outcome.reason, outcome.detail);
    }
  }
  if (base.unread !== undefined) {
    options.lost.push(`the rules in the kernel could not be read, so all of them were replaced: ${base.unread}`);
  }
  programmed.base = { rules: change.applied, wasRead: false };
  programmed.rules = change.applied;
  programmed.snapshot = snapshot;
  programmed.plan = plan;
  return { kind: 'done', change, diagnostics };
}

interface Prepared {
  readonly change: RulesChange;
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/** What has to be sent. An exception here is a bug of rulewright that one Service may trigger. */
function prepare(
  base: Base,
  snapshot: Snapshot,
  { compiler, clock, timings }: AttemptOptions,
): Prepared | { readonly problem: string } {
  const startedAtMs = clock.nowMs();
  let compiledAtMs: number | undefined;
  try {
    const { rules: wanted, plan, diagnostics } = compiler.compile(snapshot);
    compiledAtMs = clock.nowMs();
    const last = base.wasRead && base.rules !== undefined ? adoptRules(base.rules, wanted) : base.rules;
    return { change: compiler.diff(last, wanted), plan, diagnostics };
  } catch (error) {
    return { problem: `a bug of rulewright: ${messageOf(error)}` };
  } finally {
    const endedAtMs = clock.nowMs();
    timings.compileMs += (compiledAtMs ?? endedAtMs) - startedAtMs;
    timings.diffMs += endedAtMs - (compiledAtMs ?? endedAtMs);
  }
}

/**
 * Rules that cannot be read are replaced as a whole in nftables mode, where that is one commit. In iptables mode a base
 * must be known: a rule that is inserted twice would stay.
 */
async function readBase(
  kernel: Kernel,
  { clock, timings }: AttemptOptions,
): Promise<Base | { readonly problem: string }> {
  const startedAtMs = clock.nowMs();
  try {
    return { rules: await kernel.read(), wasRead: true };
  } catch (error) {
    const problem = messageOf(error);
    if (kernel.mode !== 'nftables') return { problem };
    return { rules: undefined, wasRead: true, unread: problem };
  } finally {
    timings.readMs += clock.nowMs() - startedAtMs;
  }
}

/**
 * nft commits all or nothing, so a text that it refused left things as they were. iptables-restore commits each table
 * on its own, and a program that was killed may have come to its end first.
 */
function mayHaveChanged(kernel: Kernel, { reason }: ApplyFailure): boolean {
  return !(reason === 'lock' || (reason === 'refused' && kernel.mode === 'nftables'));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
