/** What makes requests to the API server authentic: TLS options and headers. */
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { sleep, systemClock } from '../../clock.ts';
import { plainText } from '../../core/structures/safe-text.ts';
import { durationText } from '../timing.ts';
import { ApiFailure } from './api-failure.ts';

export interface Credentials {
  /**
   * For one request. Files are read again and plugins run again when it is time. Rejects with an ApiFailure; when the
   * signal aborted, with anything.
   */
  readonly options: (limitMs: number, signal: AbortSignal) => Promise<RequestOptions>;
  /** The API server did not accept them: read everything again. */
  readonly renew: () => void;
}

/** `load` reads the configuration; `first` is what it gave the first time. */
export function createCredentials(first: KubeConfig, load: () => KubeConfig): Credentials {
  let config = first;
  let isStale = false;
  let reading: Promise<RequestOptions> | undefined;
  return {
    options: async (limitMs, signal) => {
      try {
        if (isStale) config = load();
        isStale = false;
        // Requests that come together ask a plugin once.
        reading ??= readOptions(config);
        return await withLimit(reading, limitMs, signal);
      } catch (error) {
        throw new ApiFailure(
          'unreachable',
          `no credentials: ${error instanceof Error ? plainText(error.message) : 'unknown problem'}`,
        );
      } finally {
        reading = undefined;
      }
    },
    renew: () => {
      isStale = true;
    },
  };
}

async function readOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { agent, headers, ...rest } = options;
  const sent = { ...(headers as Readonly<Record<string, string>> | undefined) };
  // A token file may end with a line end, which no header can hold.
  if (sent['Authorization'] !== undefined) sent['Authorization'] = sent['Authorization'].trim();
  // The library's agents keep the certificate they were made with; only those that lead through a proxy are needed.
  const isProxied = (config.getCurrentCluster()?.proxyUrl ?? '') !== '';
  return { ...rest, headers: sent, ...(isProxied ? { agent } : {}) };
}

/** Exec plugins may hang, and nothing ends them. */
function withLimit<T>(promise: Promise<T>, limitMs: number, signal: AbortSignal): Promise<T> {
  const ended = new AbortController();
  const late = sleep(systemClock, limitMs, AbortSignal.any([signal, ended.signal])).then(() => {
    throw new Error(`no answer within ${durationText(limitMs)}, check the exec plugin`);
  });
  return Promise.race([promise, late]).finally(() => ended.abort());
}
