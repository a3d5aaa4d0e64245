/** From the lock of the node to the last request: in which order the parts of the daemon begin and end. */
import type { ObjectSource, RunningSource } from '../core/snapshot/source.ts';
import type { NodeLock } from '../host/node-lock.ts';
import type { SyncLoop } from './loop.ts';
import type { NodeWait } from './this-node/node-wait.ts';

export interface DaemonParts {
  /** Waits until no other daemon keeps this node, or rejects when the signal aborts. */
  readonly takeLock: (signal: AbortSignal) => Promise<NodeLock>;
  readonly loop: Pick<SyncLoop, 'run' | 'stop'>;
  readonly source: ObjectSource;
  /** Called once the lock is taken. */
  readonly createNodeWait: () => NodeWait;
  /** Rejects when a server has to listen and cannot. */
  readonly failed: Promise<never>;
  /** Ends all that only tells about the loop. */
  readonly close: () => Promise<unknown>;
}

/** `ended` resolves after `stop`, and rejects for what the daemon cannot go on with. */
export function live({ takeLock, loop, source, createNodeWait, failed, close }: DaemonParts): {
  readonly ended: Promise<void>;
  readonly stop: () => void;
} {
  const ending = new AbortController();
  const run = async (): Promise<void> => {
    let lock: NodeLock | undefined;
    let turning: Promise<void> | undefined;
    let nodeWait: NodeWait | undefined;
    let running: RunningSource | undefined;
    try {
      lock = await Promise.race([takeLock(ending.signal), failed]);
      turning = loop.run();
      nodeWait = createNodeWait();
      running = source.start(nodeWait.sink);
      await Promise.race([turning, failed, nodeWait.failed]);
    } catch (error) {
      const isStoppedInTheWait = lock === undefined && ending.signal.aborted;
      if (!isStoppedInTheWait) throw error;
    } finally {
      ending.abort();
      loop.stop();
      // The current transaction is finished and reported before the parts that report it end.
      await turning?.catch(() => undefined);
      nodeWait?.stop();
      await Promise.allSettled([lock?.release(), running?.stop(), close()]);
    }
  };
  return {
    ended: run(),
    stop: () => {
      ending.abort();
      loop.stop();
    },
  };
}
