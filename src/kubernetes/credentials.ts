/** What makes requests to the API server authentic: TLS options and headers. */
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiFailure } from './api-failure.ts';
import { plainText } from './plain-text.ts';

export interface Credentials {
  /** For one request. Files are read again and plugins run again when it is time. Rejects with an ApiFailure. */
  readonly options: () => Promise<RequestOptions>;
  /** The API server did not accept them: read everything again. */
  readonly renew: () => void;
}

/** `load` reads the configuration; `first` is what it gave the first time. */
export function createCredentials(first: KubeConfig, load: () => KubeConfig): Credentials {
  let config = first;
  let isStale = false;
  return {
    options: async () => {
      try {
        if (isStale) config = load();
        isStale = false;
        return await readOptions(config);
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
