/** The lock that all users of legacy iptables take, one after the other. */
import type { RunCommand } from '../run-command.ts';

/** Where iptables looks for it, unless the environment says otherwise. */
export const usualLockFile = '/run/xtables.lock';

export interface LockWait {
  /** False when another process held it all the time. */
  readonly isFree: boolean;
  readonly waitedMs: number;
}

/**
 * Waits until the lock is free, without keeping it: iptables-restore takes it itself, and does not say how long it
 * waited. Where the lock cannot be asked for it counts as free: iptables-restore says what is wrong.
 */
export async function waitForLock(run: RunCommand, lockFile: string, longestSeconds: number): Promise<LockWait> {
  const startedAt = performance.now();
  const free = await run('flock', ['--nonblock', '--conflict-exit-code', '75', lockFile, 'true']);
  if (!isHeld(free)) return { isFree: true, waitedMs: 0 };
  const wait = ['--wait', String(longestSeconds), '--conflict-exit-code', '75'];
  const outcome = await run('flock', [...wait, lockFile, 'true']);
  return { isFree: !isHeld(outcome), waitedMs: Math.round(performance.now() - startedAt) };
}

function isHeld(outcome: Awaited<ReturnType<RunCommand>>): boolean {
  return outcome.kind === 'exited' && outcome.exitCode === 75;
}
