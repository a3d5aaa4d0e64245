/** Turns the outcome of nft or iptables-restore into the outcome of a transaction. */
import type { ApplyFailure, ApplyOutcome } from './kernel.ts';
import { type CommandOutcome, describeAbsence } from './run-command.ts';

/** Why a program did not take a text, and at which line. */
export type Rejection = Pick<ApplyFailure, 'reason' | 'line'>;

/** A program that was given the text of a transaction. */
export interface AppliedText {
  /** What was run, for people. */
  readonly command: string;
  readonly outcome: CommandOutcome;
  readonly lockWaitMs: number;
}

/** `explain` reads the standard error of a program that ended with another exit code than 0. */
export function applyOutcome(
  { command, outcome, lockWaitMs }: AppliedText,
  explain: (stderr: string) => Rejection,
): ApplyOutcome {
  const toolFailed = (detail: string): ApplyFailure => ({ kind: 'failed', reason: 'tool', detail, lockWaitMs });
  if (outcome.kind !== 'exited') return toolFailed(describeAbsence(command, outcome));
  const { exitCode, stderr } = outcome;
  if (exitCode === 0) return { kind: 'applied', lockWaitMs };
  if (stderr.trim() === '') return toolFailed(`${command} ended with exit code ${exitCode}`);
  return { kind: 'failed', ...explain(stderr), detail: shorten(stderr), lockWaitMs };
}

/** nft repeats the line that it complains about, which may have all elements of a map. */
export function shorten(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*[\^~]+\s*$/.test(line))
    .slice(0, 4);
  return lines.map((line) => (line.length > 200 ? `${line.slice(0, 200)}…` : line)).join('\n');
}

/** A small text takes milliseconds; the largest, of 50 MB, a minute or two. */
export function timeoutFor({ length }: { readonly length: number }): number {
  return 30_000 + Math.ceil(length / 1_000_000) * 10_000;
}
