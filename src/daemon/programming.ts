/** One attempt to make the kernel's rules of one family those of a snapshot: compile, compare with what stands, send. */
import { compile } from '../core/compile.ts';
import type { Diagnostic } from '../core/diagnostics.ts';
import type { NodeConfig } from '../core/model/config.ts';
import type { Plan } from '../core/model/plan.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import { adoptRules, diffRules, type Rules, type RulesChange } from '../core/rules.ts';
import { emptySnapshot } from '../core/snapshot/snapshot.ts';
import { type ApplyOutcome, type Kernel, KernelError } from '../host/kernel.ts';
import type { Clock } from './clock.ts';

/** What the loop knows of one family's rules in the kernel. Only the functions of this folder change it. */
export interface Programmed {
  readonly kernel: Kernel;
  /** What stands; `rules` is undefined where nothing of ours does. Without it the kernel has to be asked first. */
  base: { readonly rules: Rules | undefined } | undefined;
  /** What the rules were compiled from that were sent last with success, and what was planned for it. */
  snapshot: Snapshot;
  plan: Plan | undefined;
  /** Compiled rules of `snapshot`, for people; undefined until something was programmed. */
  rules: Rules | undefined;
}

export function nothingProgrammed(kernel: Kernel): Programmed {
  return { kernel, base: undefined, snapshot: emptySnapshot, plan: undefined, rules: undefined };
}

export interface Timings {
  compileMs: number;
  diffMs: number;
  applyMs: number;
  lockWaitMs: number;
}

export type Attempt =
  | { readonly kind: 'done'; readonly change: RulesChange; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'failed';
      /** `bug`: the compiler itself gave up; `unreadable`: what stands could not be found out. */
      readonly reason: Extract<ApplyOutcome, { kind: 'failed' }>['reason'] | 'bug' | 'unreadable';
      readonly problem: string;
      /** Whether what was compared with had just been read from the kernel. */
      readonly wasFresh: boolean;
    };

export interface AttemptOptions {
  readonly config: NodeConfig;
  readonly clock: Clock;
  /** Adds up what was spent. */
  readonly timings: Timings;
}

/** Never rejects. After success `programmed` says what stands; after a failure, at least what is no longer known. */
export async function attempt(
  programmed: Programmed,
  snapshot: Snapshot,
  { config, clock, timings }: AttemptOptions,
): Promise<Attempt> {
  const { kernel } = programmed;
  const { family } = kernel;
  const wasFresh = programmed.base === undefined;
  const startedAtMs = clock.nowMs();
  let compiled: { readonly rules: Rules; readonly plan: Plan; readonly diagnostics: readonly Diagnostic[] };
  try {
    const { rules, plans, diagnostics } = compile(snapshot, config, [family]);
    compiled = { rules: present(rules[family]), plan: present(plans[family]), diagnostics };
  } catch (error) {
    return { kind: 'failed', reason: 'bug', problem: messageOf(error), wasFresh };
  } finally {
    timings.compileMs += clock.nowMs() - startedAtMs;
  }
  const base = programmed.base ?? (await readBase(kernel));
  if ('problem' in base) return { kind: 'failed', reason: 'unreadable', problem: base.problem, wasFresh };
  const comparedAtMs = clock.nowMs();
  const last = wasFresh && base.rules !== undefined ? adoptRules(base.rules, compiled.rules) : base.rules;
  const change = diffRules(last, compiled.rules);
  const sentAtMs = clock.nowMs();
  timings.diffMs += sentAtMs - comparedAtMs;
  const outcome = change.text === '' ? unsent : await kernel.apply(change);
  if (change.text !== '') timings.applyMs += clock.nowMs() - sentAtMs;
  timings.lockWaitMs += outcome.lockWaitMs;
  if (outcome.kind === 'failed') {
    programmed.base = mayHaveChanged(kernel, outcome) ? undefined : { rules: last };
    return { kind: 'failed', reason: outcome.reason, problem: outcome.detail, wasFresh };
  }
  programmed.base = { rules: change.applied };
  programmed.rules = change.applied;
  programmed.snapshot = snapshot;
  programmed.plan = compiled.plan;
  return { kind: 'done', change, diagnostics: compiled.diagnostics };
}

const unsent: ApplyOutcome = { kind: 'applied', lockWaitMs: 0 };

/**
 * Rules that cannot be read are replaced as a whole in nftables mode, where that is one commit. In iptables mode a base
 * must be known: what is put in twice would stay.
 */
async function readBase(kernel: Kernel): Promise<NonNullable<Programmed['base']> | { readonly problem: string }> {
  try {
    return { rules: await kernel.read() };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return kernel.mode === 'nftables' ? { rules: undefined } : { problem: error.message };
  }
}

/**
 * nft commits all or nothing, so a text that it refused left things as they were. iptables-restore commits each table
 * on its own, and a program that was killed may have come to its end first.
 */
function mayHaveChanged(kernel: Kernel, { reason }: Extract<ApplyOutcome, { kind: 'failed' }>): boolean {
  return !(reason === 'lock' || (reason === 'refused' && kernel.mode === 'nftables'));
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a family was asked for and not compiled');
  return value;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
