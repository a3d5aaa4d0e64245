/** Another process that holds the xtables lock. */
import { once } from 'node:events';
import { execa } from 'execa';

export interface HeldLock {
  release(): Promise<void>;
}

/** Resolves once the lock is held. */
export async function holdLock(lockFile: string): Promise<HeldLock> {
  const holder = execa('flock', [lockFile, 'sh', '-c', 'echo held; read -r _'], { reject: false });
  await once(holder.stdout, 'data');
  return {
    async release() {
      holder.stdin.end();
      await holder;
    },
  };
}
