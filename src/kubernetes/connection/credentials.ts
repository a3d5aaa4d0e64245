/** What makes requests to the API server authentic: TLS options and headers. */
import { stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { sleep, systemClock } from '../../clock.ts';
import { textIn } from '../../core/manifest/value.ts';
import { plainText } from '../../core/structures/safe-text.ts';
import { durationText } from '../timing.ts';
import { ApiFailure } from './api-failure.ts';
import { createExecPlugin, type ExecPlugin } from './exec-plugin.ts';

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
  let source = readerOf(first);
  let isStale = false;
  let reading: Promise<RequestOptions> | undefined;
  return {
    options: async (limitMs, signal) => {
      try {
        // Requests that come while credentials are read share them: a plugin never runs twice at the same time.
        if (reading === undefined) {
          if (isStale) source = readerOf(load());
          isStale = false;
          reading = source(limitMs).finally(() => {
            reading = undefined;
          });
        }
        return await withLimit(reading, limitMs + graceMs, signal);
      } catch (error) {
        throw new ApiFailure(
          'unreachable',
          `no credentials: ${error instanceof Error ? plainText(error.message) : 'unknown problem'}`,
        );
      }
    },
    renew: () => {
      isStale = true;
    },
  };
}

/** A plugin that is stopped at its limit says so itself, with its name. */
const graceMs = 3000;

/** Reads the credentials of a configuration. The library would run an exec plugin without a limit, so that is ours. */
function readerOf(config: KubeConfig): ExecPlugin {
  const exec: object | undefined = config.getCurrentUser()?.exec;
  if (exec === undefined) return () => readOptions(config);
  const plugin = createExecPlugin(exec);
  config.users = config.users.map(({ exec: _, ...user }) => user);
  return async (limitMs) => {
    const { headers, ...tls } = await readOptions(config);
    const { headers: added, ...certificate } = await plugin(limitMs);
    return { ...tls, ...certificate, headers: { ...headers, ...added } };
  };
}

async function readOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await refuseOtherThanFiles(config);
  await config.applyToHTTPSOptions(options);
  const { agent, headers, ...rest } = options;
  const sent = { ...(headers as Readonly<Record<string, string>> | undefined) };
  // A token file may end with a line end, which no header can hold.
  if (sent['Authorization'] !== undefined) sent['Authorization'] = sent['Authorization'].trim();
  // The library's agents keep the certificate they were made with; only those that lead through a proxy are needed.
  const isProxied = (config.getCurrentCluster()?.proxyUrl ?? '') !== '';
  return { ...rest, headers: sent, ...(isProxied ? { agent } : {}) };
}

/** The library reads files in one go: a pipe in place of a token would stop everything. */
async function refuseOtherThanFiles(config: KubeConfig): Promise<void> {
  const [user, cluster] = [config.getCurrentUser(), config.getCurrentCluster()];
  for (const file of [
    cluster?.caFile,
    user?.certFile,
    user?.keyFile,
    textIn(user?.authProvider?.config, 'tokenFile'),
  ]) {
    if (file === undefined || file === '') continue;
    if (!(await stat(file)).isFile()) throw new Error(`${file} is not a regular file`);
  }
}

function withLimit<T>(promise: Promise<T>, limitMs: number, signal: AbortSignal): Promise<T> {
  const ended = new AbortController();
  const late = sleep(systemClock, limitMs, AbortSignal.any([signal, ended.signal])).then(() => {
    throw new Error(`no answer within ${durationText(limitMs)}`);
  });
  return Promise.race([promise, late]).finally(() => ended.abort());
}
