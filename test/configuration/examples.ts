/** For each field: a value that is not its default, what it is read as, and one that is not valid. */
import type { FieldPath } from '../../src/configuration/fields.ts';

export interface Example {
  readonly json: unknown;
  /** When the value is not the JSON itself. */
  readonly value?: unknown;
  readonly wrong: unknown;
}

const duration = { json: '1m30s', value: 90_000, wrong: '1 minute' };
const boolean = { json: true, wrong: 'true' };
const count = { json: 7, wrong: -1 };

export const examples: Readonly<Record<FieldPath, Example>> = {
  featureGates: { json: { SomeGate: true }, wrong: { SomeGate: 'yes' } },
  'clientConnection.kubeconfig': { json: '/etc/kubeconfig', wrong: 1 },
  'clientConnection.qps': { json: 2.5, wrong: -1 },
  'clientConnection.burst': { json: 20, wrong: 1.5 },
  'clientConnection.contentType': { json: 'text/plain', wrong: true },
  'clientConnection.acceptContentTypes': { json: 'text/plain', wrong: [] },
  'logging.format': { json: 'json', wrong: 'xml' },
  'logging.verbosity': { json: 4, wrong: '4' },
  'logging.flushFrequency': { json: 1_000_000, value: 1, wrong: 'soon' },
  'logging.vmodule': { json: [{ filePattern: 'proxy*', verbosity: 4 }], wrong: [{ filePattern: 'a=b', verbosity: 4 }] },
  'logging.options.text.splitStream': boolean,
  'logging.options.text.infoBufferSize': { json: '2Ki', wrong: 'two' },
  'logging.options.json.splitStream': boolean,
  'logging.options.json.infoBufferSize': { json: 512, value: '512', wrong: '1KiB' },
  hostnameOverride: { json: ' Node-1 ', value: 'node-1', wrong: 'node_1' },
  bindAddress: { json: '192.168.0.2', wrong: '192.168.0.02' },
  healthzBindAddress: { json: '127.0.0.1', value: { host: '127.0.0.1', port: 10256 }, wrong: 10256 },
  metricsBindAddress: { json: '[::]:9', value: { host: '::', port: 9 }, wrong: '0.0.0.0:0' },
  bindAddressHardFail: boolean,
  enableProfiling: boolean,
  showHiddenMetricsForVersion: { json: '1.35', wrong: '1' },
  mode: { json: 'nftables', wrong: 'ipvs' },
  'iptables.masqueradeBit': { json: 0, wrong: 32 },
  'iptables.masqueradeAll': boolean,
  'iptables.localhostNodePorts': { json: false, wrong: 0 },
  'iptables.syncPeriod': duration,
  'iptables.minSyncPeriod': { json: '2s', value: 2000, wrong: '-1s' },
  'ipvs.syncPeriod': duration,
  'ipvs.minSyncPeriod': duration,
  'ipvs.scheduler': { json: 'rr', wrong: 1 },
  'ipvs.excludeCIDRs': { json: ['10.0.0.0/8'], wrong: ['10.0.0.0'] },
  'ipvs.strictARP': boolean,
  'ipvs.tcpTimeout': duration,
  'ipvs.tcpFinTimeout': duration,
  'ipvs.udpTimeout': duration,
  'nftables.masqueradeBit': { json: 31, wrong: '14' },
  'nftables.masqueradeAll': boolean,
  'nftables.syncPeriod': duration,
  'nftables.minSyncPeriod': { json: '250ms', value: 250, wrong: 250 },
  'winkernel.networkName': { json: 'net', wrong: 1 },
  'winkernel.sourceVip': { json: '10.0.0.1', wrong: 1 },
  'winkernel.enableDSR': boolean,
  'winkernel.rootHnsEndpointName': { json: 'root', wrong: 1 },
  'winkernel.forwardHealthCheckVip': boolean,
  detectLocalMode: { json: 'NodeCIDR', wrong: 'nodecidr' },
  'detectLocal.bridgeInterface': { json: 'cni0', wrong: 'eth0 -j ACCEPT' },
  'detectLocal.interfaceNamePrefix': { json: 'cali', wrong: 'cali+' },
  clusterCIDR: {
    json: '10.244.3.0/16,fd00:10::/48',
    value: ['10.244.0.0/16', 'fd00:10::/48'],
    wrong: '10.0.0.0/8,11.0.0.0/8',
  },
  nodePortAddresses: {
    json: ['192.168.0.0/16', '::/0'],
    value: { kind: 'cidrs', cidrs: ['192.168.0.0/16', '::/0'] },
    wrong: ['primary', '192.168.0.0/16'],
  },
  oomScoreAdj: { json: 0, wrong: -1001 },
  'conntrack.maxPerCore': { ...count, json: 0 },
  'conntrack.min': count,
  'conntrack.tcpEstablishedTimeout': { ...duration, json: '0s', value: 0 },
  'conntrack.tcpCloseWaitTimeout': duration,
  'conntrack.tcpBeLiberal': boolean,
  'conntrack.udpTimeout': duration,
  'conntrack.udpStreamTimeout': duration,
  configSyncPeriod: duration,
  portRange: { json: '300-2000', wrong: '300..2000' },
  windowsRunAsService: boolean,
  udpIdleTimeout: duration,
  resourceContainer: { json: '/proxy', wrong: 1 },
  'conntrack.max': count,
};

/** `{ iptables: { masqueradeBit: 0 } }` with apiVersion and kind, as JSON. */
export function documentWith(values: Readonly<Record<string, unknown>>): string {
  const root: { [key: string]: unknown } = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
  };
  for (const [path, value] of Object.entries(values)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let section = root;
    for (const key of keys) {
      section[key] ??= {};
      section = section[key] as { [key: string]: unknown };
    }
    section[last] = value;
  }
  return JSON.stringify(root, undefined, 2);
}
