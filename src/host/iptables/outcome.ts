/** What iptables-restore of either variant means by its messages. */
import type { Rejection } from '../apply-outcome.ts';

const lockIsHeld = /holding the xtables lock/;

/** About the machine, not about the text. */
const toolFails: readonly string[] = [
  'you must be root',
  'Permission denied',
  'Operation not permitted',
  'unable to initialize table',
  "can't open lock file",
  'Could not fetch rule set generation id',
  'Cannot allocate memory',
  'Memory allocation problem',
  'Resource temporarily unavailable',
];

/** Said by the nft variant, which knows why, and of a missing chain by the legacy one, which takes it for a target. */
const baseIsWrong: readonly string[] = [
  'No chain/target/match by that name',
  'Chain already exists',
  'does a matching rule exist',
  'Directory not empty',
  'Device or resource busy',
  "' does not exist",
  "Couldn't load target `KUBE-",
];

/** The legacy variant only says `iptables-restore: line 5 failed` of what the kernel or libiptc refused. */
const failedLine = /line:? (\d+)/;

/** It finds out that a chain or rule is missing at the line that needs it, and all else at COMMIT. */
const needsBase = /^-[DXNAI] /;

/** Reads standard error of `iptables-restore`, which was given this text. */
export function explainIptables(stderr: string, text: string): Rejection {
  if (lockIsHeld.test(stderr)) return { reason: 'lock' };
  const number = Number(failedLine.exec(stderr)?.[1] ?? 0);
  const failed = lineOf(text, number);
  // What comes out only when all is sent is said of the last line: that names no rule.
  const line = number === 0 || failed === 'COMMIT' ? {} : { line: number };
  const says = (phrase: string): boolean => stderr.includes(phrase);
  if (toolFails.some(says)) return { reason: 'tool', ...line };
  const isUnexplained = /line \d+ failed$/.test(stderr.trim());
  const isBase = baseIsWrong.some(says) || (isUnexplained && needsBase.test(failed));
  return { reason: isBase ? 'base' : 'refused', ...line };
}

/** From 1. */
function lineOf(text: string, line: number): string {
  return text.split('\n', line)[line - 1] ?? '';
}
