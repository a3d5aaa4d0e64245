/** The configuration of a pod: its service account, and the environment that the kubelet gives it. */
import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { ConnectError } from './connect-error.ts';

/** Throws a ConnectError when this is not a pod with a service account. */
export function loadInCluster(env: NodeJS.ProcessEnv, folder: string): KubeConfig {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  if (host === '' || port === '') {
    throw new ConnectError(
      'this is not a pod of a cluster (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set); ' +
        'give --kubeconfig or --master',
    );
  }
  const [tokenFile, caFile] = [`${folder}/token`, `${folder}/ca.crt`];
  for (const file of [tokenFile, caFile]) {
    if (existsSync(file)) continue;
    throw new ConnectError(
      `${file} is missing; mount the service account token (automountServiceAccountToken), or give --kubeconfig`,
    );
  }
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'in-cluster',
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      caFile,
      skipTLSVerify: false,
    },
    { name: 'service-account', authProvider: { name: 'tokenFile', config: { tokenFile } } },
  );
  return config;
}
