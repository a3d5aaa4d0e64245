/**
 * Follows the file of --config. The configuration in force is that of the start: the kubelet swaps the link of a
 * mounted ConfigMap on all nodes at about the same time, which must not restart all of them.
 */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Source } from '../../documents/source.ts';
import type { Log } from '../../observe/logs/log.ts';
import type { Metrics } from '../../observe/metrics/metrics.ts';

export interface ConfigFileOptions {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'observeConfigFile'>;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly everyMs?: number;
}

/** For changes that the kernel does not tell of: a network file system, or no inotify watch left. */
const usualPeriodMs = 60_000;

/** Logs and counts, until the signal aborts, whether the file still has the text that was read at the start. */
export function followConfigFile({ name: path, text }: Source, options: ConfigFileOptions): void {
  const { log, metrics, signal, everyMs = usualPeriodMs } = options;
  let differs = false;
  metrics.observeConfigFile(differs);
  const compareOnce = async (): Promise<void> => {
    const now = await readFile(path, 'utf8').catch(() => undefined);
    const isOther = now !== text;
    if (signal.aborted || isOther === differs) return;
    differs = isOther;
    metrics.observeConfigFile(differs);
    if (!differs) return log.info('The configuration file is as it was read at the start again', { path });
    const problem = now === undefined ? 'The configuration file cannot be read' : 'The configuration file has changed';
    log.warn(`${problem}: the configuration of the start stays in force`, {
      path,
      remedy: 'restart to apply the file',
    });
  };
  // One read at a time: an older one that ends later would bring the old state back.
  let reading: 'no' | 'yes' | 'again' = 'no';
  const compare = async (): Promise<void> => {
    if (reading !== 'no') {
      reading = 'again';
      return;
    }
    do {
      reading = 'yes';
      await compareOnce();
    } while (reading === ('again' as typeof reading));
    reading = 'no';
  };
  // The file's link is swapped beside it, so the folder is watched.
  try {
    watch(dirname(path), { signal, persistent: false }, () => void compare()).on('error', () => undefined);
  } catch {
    // The timer is left.
  }
  const timer = setInterval(() => void compare(), everyMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}
