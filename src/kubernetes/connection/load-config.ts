/** Finds the configuration of the client library: in a file, in the pod, or there is just an address. */
import { KubeConfig } from '@kubernetes/client-node';
import type { SourceProgress } from '../../core/snapshot/source.ts';
import { loadInCluster } from './in-cluster.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { type EnvironmentProxy, proxyFromEnvironment } from './proxy.ts';

export interface ConfigLocation {
  /** Path; empty for the service account of the pod, or with a master for no credentials at all. */
  readonly kubeconfig: string;
  /** URL; goes before the server of the kubeconfig. */
  readonly master: string;
  /** The environment of this process when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the kubelet mounts token and CA certificate, when it is not the usual folder. */
  readonly serviceAccountFolder?: string;
}

/** Throws a ConnectError. */
export function loadConfig(location: ConfigLocation): KubeConfig {
  const config = loadAsWritten(location);
  const cluster = config.getCurrentCluster();
  const proxy = proxyOf(config, location.env);
  if (cluster === null || proxy === undefined) return config;
  const { users, contexts, currentContext } = config;
  config.loadFromOptions({ clusters: [{ ...cluster, proxyUrl: proxy.url }], users, contexts, currentContext });
  return config;
}

/** The proxy of the environment, which the configuration is without. */
function proxyOf(config: KubeConfig, env: NodeJS.ProcessEnv = process.env): EnvironmentProxy | undefined {
  const { server = '', proxyUrl = '' } = config.getCurrentCluster() ?? {};
  const url = URL.parse(server);
  return url === null || proxyUrl !== '' ? undefined : proxyFromEnvironment(url, env);
}

/** What an operator should know of how requests travel, for the log. */
export function connectionRemarks(config: KubeConfig): readonly SourceProgress[] {
  const { server = '', proxyUrl = '' } = config.getCurrentCluster() ?? {};
  const { token, username, authProvider, exec } = config.getCurrentUser() ?? {};
  const hasSecret = [token, username, authProvider, exec].some((each) => each !== undefined && each !== '');
  const proxy = URL.parse(proxyUrl);
  return [
    ...(proxy === null
      ? []
      : [{ severity: 'info', message: `requests to ${server} go through the proxy ${proxy.host}` } as const]),
    ...(hasSecret && server.startsWith('http:')
      ? [
          {
            severity: 'warning',
            message: `credentials are sent to ${server} without TLS, so everyone on the way can read them; use https`,
          } as const,
        ]
      : []),
  ];
}

function loadAsWritten(location: ConfigLocation): KubeConfig {
  const { kubeconfig, master, env = process.env, serviceAccountFolder = usualFolder } = location;
  if (kubeconfig !== '') return loadKubeconfig(kubeconfig, withScheme(master, 'https'));
  if (master !== '') return loadMaster(withScheme(master, 'http'));
  return loadInCluster(env, serviceAccountFolder);
}

/** kube-proxy takes `10.0.0.1:6443`, too. */
function withScheme(master: string, scheme: string): string {
  return master === '' || /^\w+:\/\//.test(master) ? master : `${scheme}://${master}`;
}

const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Like kube-proxy: a master alone means that the API server asks for no credentials. */
function loadMaster(master: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'master', server: master, skipTLSVerify: master.startsWith('http:') },
    { name: 'anonymous' },
  );
  return config;
}
