/** What iptables-restore of either variant means by its messages. */
import type { Complaint } from './apply-outcome.ts';

const lockIsHeld = /holding the xtables lock/;

/** About the machine, not about the text. */
const toolFails =
  /you must be root|Permission denied|Operation not permitted|unable to initialize table|can't initialize ip6?tables table|can't open lock file|Could not fetch rule set generation id|Cannot allocate memory|Resource temporarily unavailable|Memory allocation problem/;

/** Said by the nft variant, which knows why. `(v1.8.9)`: `Chain 'X' does not exist`, `CHAIN_DEL failed (…): chain X`. */
const baseIsWrong =
  /No chain\/target\/match by that name|Chain already exists|does a matching rule exist|Directory not empty|Too many links|Device or resource busy|Chain '[^']*' does not exist|Couldn't load target `KUBE-/;

/** The legacy variant only says `iptables-restore: line 5 failed` of what the kernel or libiptc refused. */
const failedLine = /line:? (\d+)/;

/** The legacy variant finds out that a chain or rule is missing at the line that needs it, and all else at COMMIT. */
const needsBase = /^-[DXNAI] /;

/** Reads standard error of `iptables-restore`, which was given this text. */
export function explainIptables(stderr: string, text: string): Complaint {
  if (lockIsHeld.test(stderr)) return { reason: 'lock' };
  const number = failedLine.exec(stderr)?.[1];
  const line = number === undefined ? {} : { line: Number(number) };
  if (toolFails.test(stderr)) return { reason: 'tool', ...line };
  const isUnexplained = /line \d+ failed\s*$/.test(stderr.trim());
  const failed = isUnexplained ? lineOf(text, Number(number)) : '';
  return { reason: baseIsWrong.test(stderr) || needsBase.test(failed) ? 'base' : 'refused', ...line };
}

/** From 1. */
function lineOf(text: string, line: number): string {
  return text.split('\n', line)[line - 1] ?? '';
}
