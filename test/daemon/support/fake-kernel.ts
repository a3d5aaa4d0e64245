/**
 * A kernel made of values. It carries out transactions by the kernel's own rules (test/support/kernel-model/) and
 * refuses what the real one would refuse; programs around it can fail in all the ways that programs do.
 */

import type { IpFamily } from '../../../src/core/model/address.ts';
import { adoptRules, diffRules, type Rules, type RulesChange } from '../../../src/core/rules.ts';
import { type ApplyOutcome, type Kernel, KernelError } from '../../../src/host/kernel.ts';
import { applyCommit } from '../../support/kernel-model/iptables/apply.ts';
import { applyTransaction as applyNftables } from '../../support/kernel-model/nftables/apply.ts';
import type { VirtualClock } from './virtual-clock.ts';

type KernelClock = Pick<VirtualClock, 'nowMs' | 'after' | 'sleep'>;

/** `killed`: after so many commits, and whatever was done stays. `base`: it says so, although the base is right. */
export type Fault =
  | { readonly kind: 'lock'; readonly waitMs: number }
  | { readonly kind: 'killed'; readonly commits: number }
  | { readonly kind: 'base' };

export interface FakeKernel extends Kernel {
  /** It carries out the values, where a real one has only the text. */
  apply(change: RulesChange): Promise<ApplyOutcome>;
  /** What stands. */
  content: Rules | undefined;
  /** What becomes of the next transactions. */
  readonly faults: Fault[];
  /** Whether the next reading, or the next look at what stands, fails. */
  isUnreadable: boolean;
  isBlind: boolean;
  /** Every transaction fails. */
  isBroken: boolean;
  lookMs: number;
  /** How thorough each look was. */
  readonly looks: boolean[];
  /** Transactions that say one of these words are refused. */
  readonly poison: Set<string>;
  applyMs: number;
  readonly applied: { readonly startedAtMs: number; readonly endedAtMs: number; readonly text: string }[];
  /** Somebody else changes what stands. */
  tamper(change: (content: Rules) => Rules | undefined): void;
  /** Somebody else commits something that is none of our business. */
  suspect(): void;
}

export function createFakeKernel(mode: Rules['mode'], family: IpFamily, clock: KernelClock): FakeKernel {
  let onSuspicion: (why: string) => void = () => undefined;
  let areElementsSuspect = false;
  const kernel: FakeKernel = {
    family,
    mode,
    tool: `${mode} of values`,
    content: undefined,
    faults: [],
    isUnreadable: false,
    isBlind: false,
    isBroken: false,
    lookMs: 2,
    looks: [],
    poison: new Set(),
    applyMs: 15,
    applied: [],
    async read() {
      await clock.sleep(5);
      const { isUnreadable } = kernel;
      kernel.isUnreadable = false;
      return readable(isUnreadable, kernel.content);
    },
    async findDrift(applied, thorough) {
      kernel.looks.push(thorough);
      await clock.sleep(kernel.lookMs);
      if (kernel.isBlind) {
        kernel.isBlind = false;
        throw new KernelError('cannot be asked');
      }
      const elements = thorough || areElementsSuspect;
      areElementsSuspect = false;
      const [content, wanted] = elements ? [kernel.content, applied] : [kernel.content, applied].map(withoutElements);
      const lost = wanted !== undefined && isSame(content, wanted) ? [] : ['something is gone'];
      const { isUnreadable } = kernel;
      if (lost.length > 0) kernel.isUnreadable = false;
      return { lost, standing: () => readable(isUnreadable, kernel.content) };
    },
    async apply(change) {
      const startedAtMs = clock.nowMs();
      const outcome = await carryOut(kernel, change, clock);
      kernel.applied.push({ startedAtMs, endedAtMs: clock.nowMs(), text: change.text });
      return outcome;
    },
    watch(callback, signal) {
      onSuspicion = callback;
      signal.addEventListener('abort', () => {
        onSuspicion = () => undefined;
      });
    },
    tamper(change) {
      if (kernel.content === undefined) return;
      kernel.content = change(kernel.content);
      clock.after(20, () => {
        areElementsSuspect = true;
        kernel.suspect();
      });
    },
    suspect: () => onSuspicion('somebody committed'),
  };
  return kernel;
}

function readable(isUnreadable: boolean, content: Rules | undefined): Rules | undefined {
  if (isUnreadable) throw new KernelError('cannot be read');
  return content;
}

/** Whether two rulesets mean the same: endpoints may be at other slots. */
export function isSame(content: Rules | undefined, wanted: Rules): boolean {
  return content !== undefined && diffRules(adoptRules(content, wanted), wanted).text === '';
}

/** What a look at the kernel costs little without. */
function withoutElements(rules: Rules | undefined): Rules | undefined {
  if (rules?.mode !== 'nftables') return rules;
  const sets = rules.ruleset.sets.map((set) => ({ ...set, groups: [] }));
  return { ...rules, ruleset: { ...rules.ruleset, sets } };
}

async function carryOut(kernel: FakeKernel, change: RulesChange, clock: KernelClock): Promise<ApplyOutcome> {
  const fault = kernel.faults.shift();
  if (fault?.kind === 'lock') {
    await clock.sleep(fault.waitMs);
    return { kind: 'failed', reason: 'lock', detail: 'the lock is held', lockWaitMs: fault.waitMs };
  }
  const steps = stepsOf(kernel, change);
  await clock.sleep(kernel.applyMs);
  if (kernel.isBroken) return failed('tool', 'out of order');
  if (fault?.kind === 'base') return failed('base', 'No such file or directory');
  const killedAfter = fault?.commits ?? steps.length;
  for (const step of steps.slice(0, killedAfter)) {
    if ([...kernel.poison].some((word) => step.text.includes(word))) return failed('refused', 'poisoned');
    try {
      kernel.content = step.carryOut(kernel.content);
    } catch (error) {
      return failed('base', String(error));
    }
  }
  return fault === undefined ? { kind: 'applied', lockWaitMs: 0 } : failed('tool', 'killed');
}

function failed(reason: 'base' | 'refused' | 'tool', detail: string): ApplyOutcome {
  return { kind: 'failed', reason, detail, lockWaitMs: 0 };
}

interface Step {
  readonly text: string;
  carryOut(content: Rules | undefined): Rules | undefined;
}

/** What takes effect as a whole: all of an nftables transaction, each commit of an iptables one. */
function stepsOf({ mode, family }: FakeKernel, { transaction, text }: RulesChange): readonly Step[] {
  if ('operations' in transaction) {
    const carryOutAll = (content: Rules | undefined): Rules | undefined => {
      const ruleset = applyNftables(content?.mode === 'nftables' ? content.ruleset : undefined, transaction);
      return ruleset === undefined ? undefined : { mode: 'nftables', ruleset };
    };
    return [{ text, carryOut: carryOutAll }];
  }
  if (mode !== 'iptables') throw new Error('a transaction for iptables');
  const texts = text.split(/(?<=^COMMIT\n)/m);
  return transaction.commits.map((commit, i) => ({
    text: texts[i] ?? '',
    carryOut: (content) => {
      const ruleset = content?.mode === 'iptables' ? content.ruleset : { family, tables: [] };
      return { mode: 'iptables', ruleset: applyCommit(ruleset, commit) };
    },
  }));
}
