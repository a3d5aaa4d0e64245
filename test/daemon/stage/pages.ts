/** Somebody who reads the program's pages all the time, as probes and monitoring do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProxy } from './proxy.ts';

const pages: Readonly<Record<string, RegExp>> = {
  '/healthz': /"healthy":true/,
  '/livez': /"healthy":true/,
  '/metrics': /^kubeproxy_sync_proxy_rules_duration_seconds_count/m,
  '/debug/snapshot': /"name":"service-0"/,
  '/debug/ruleset': /10\.96\.0\.10/,
  '/debug/transactions': /^# \d{4}-.* sync \d+ /m,
};

export interface PageReader {
  /** Ends it; gives how many pages were read, and what was wrong with some. */
  end(): Promise<{ readonly read: number; readonly wrong: readonly string[] }>;
}

export function readPages(proxy: RunningProxy, everyMs = 100): PageReader {
  const ending = new AbortController();
  const wrong: string[] = [];
  let read = 0;
  const look = async (path: string, wanted: RegExp): Promise<void> => {
    const page = await proxy.page(path).catch((error: unknown) => ({ status: 0, body: String(error) }));
    read += 1;
    if (page.status !== 200 || !wanted.test(page.body)) {
      wrong.push(`${path}: ${page.status} ${page.body.slice(0, 200)}`);
    }
  };
  const running = (async () => {
    while (!ending.signal.aborted) {
      for (const [path, wanted] of Object.entries(pages)) {
        await look(path, wanted);
        await sleep(everyMs, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await running;
      return { read, wrong };
    },
  };
}
