/**
 * Every field of KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1, Kubernetes 1.36): its kind of value, its
 * default, and its effect. The file, the flags and docs/configuration.md all follow this table.
 */
import type { ProxyMode } from '../core/model/config.ts';
import { constantAddress } from './host-port.ts';
import type { Kind } from './kinds.ts';
import * as kinds from './kinds.ts';

/** What a field does. */
export type FieldEffect =
  | { readonly kind: 'applied' }
  /** Only in this mode; in the other one it is the mode's own field that counts, or there is no such thing. */
  | { readonly kind: 'applied in mode'; readonly mode: ProxyMode }
  /** `why` completes the sentence `it has no effect: …`. `harmless`: values that need no warning. */
  | { readonly kind: 'none'; readonly why: string; readonly harmless: readonly unknown[] };

export interface ConfigurationField<T> {
  readonly kind: Kind<T>;
  /** Undefined where it depends on others: see complete.ts. */
  readonly absent: T | undefined;
  readonly effect: FieldEffect;
  /** Of an older v1alpha1: still read, never written. */
  readonly removed?: true;
}

function applied<T>(kind: Kind<T>, absent: T | undefined): ConfigurationField<T> {
  return { kind, absent, effect: { kind: 'applied' } };
}

function ofMode<T>(mode: ProxyMode, kind: Kind<T>, absent: T): ConfigurationField<T> {
  return { kind, absent, effect: { kind: 'applied in mode', mode } };
}

function inert<T>(why: string, kind: Kind<T>, absent: T, ...harmless: readonly unknown[]): ConfigurationField<T> {
  return { kind, absent, effect: { kind: 'none', why, harmless } };
}

const noIpvs = 'there is no ipvs mode';
const windowsOnly = 'it is for Windows nodes';
const onlyJson = 'rulewright and the API server speak JSON';
const unbuffered = 'logs are written at once, to one stream';
const gone = 'kube-proxy does not have it any more';

const hour = 3_600_000;

/** kube-proxy's minSyncPeriod is 1s; here 0 leaves it to the sync loop (settings.ts). */
const backend = {
  iptables: {
    'iptables.masqueradeBit': ofMode('iptables', kinds.masqueradeBit, 14),
    'iptables.masqueradeAll': ofMode('iptables', kinds.boolean, false),
    'iptables.localhostNodePorts': ofMode('iptables', kinds.boolean, true),
    'iptables.syncPeriod': ofMode('iptables', kinds.period, 30_000),
    'iptables.minSyncPeriod': ofMode('iptables', kinds.timeout, 0),
  },
  nftables: {
    'nftables.masqueradeBit': ofMode('nftables', kinds.masqueradeBit, 14),
    'nftables.masqueradeAll': ofMode('nftables', kinds.boolean, false),
    'nftables.syncPeriod': ofMode('nftables', kinds.period, 30_000),
    'nftables.minSyncPeriod': ofMode('nftables', kinds.timeout, 0),
  },
} as const;

const client = {
  'clientConnection.kubeconfig': applied(kinds.text, ''),
  'clientConnection.qps': applied(kinds.rate, 5),
  'clientConnection.burst': applied(kinds.burst, 10),
  'clientConnection.contentType': inert(
    onlyJson,
    kinds.text,
    'application/vnd.kubernetes.protobuf',
    'application/json',
  ),
  'clientConnection.acceptContentTypes': inert(onlyJson, kinds.text, '', 'application/json'),
} as const;

const conntrack = {
  'conntrack.maxPerCore': applied(kinds.count, 32 * 1024),
  'conntrack.min': applied(kinds.count, 128 * 1024),
  'conntrack.tcpEstablishedTimeout': applied(kinds.timeout, 24 * hour),
  'conntrack.tcpCloseWaitTimeout': applied(kinds.timeout, hour),
  'conntrack.tcpBeLiberal': applied(kinds.boolean, false),
  'conntrack.udpTimeout': applied(kinds.timeout, 0),
  'conntrack.udpStreamTimeout': applied(kinds.timeout, 0),
} as const;

const logging = {
  'logging.format': applied(kinds.choice(['text', 'json']), 'text'),
  'logging.verbosity': applied(kinds.count, 0),
  'logging.flushFrequency': inert(unbuffered, kinds.flushFrequency, 5000),
  'logging.vmodule': inert('there is one verbosity for all', kinds.vmodule, []),
  'logging.options.text.splitStream': inert(unbuffered, kinds.boolean, false),
  'logging.options.text.infoBufferSize': inert(unbuffered, kinds.quantity, '0'),
  'logging.options.json.splitStream': inert(unbuffered, kinds.boolean, false),
  'logging.options.json.infoBufferSize': inert(unbuffered, kinds.quantity, '0'),
} as const;

const ipvs = {
  'ipvs.syncPeriod': inert(noIpvs, kinds.timeout, 30_000, '0s'),
  'ipvs.minSyncPeriod': inert(noIpvs, kinds.timeout, 1000, '0s'),
  'ipvs.scheduler': inert(noIpvs, kinds.text, ''),
  'ipvs.excludeCIDRs': inert(noIpvs, kinds.cidrList, []),
  'ipvs.strictARP': inert(noIpvs, kinds.boolean, false),
  'ipvs.tcpTimeout': inert(noIpvs, kinds.timeout, 0),
  'ipvs.tcpFinTimeout': inert(noIpvs, kinds.timeout, 0),
  'ipvs.udpTimeout': inert(noIpvs, kinds.timeout, 0),
} as const;

const winkernel = {
  'winkernel.networkName': inert(windowsOnly, kinds.text, ''),
  'winkernel.sourceVip': inert(windowsOnly, kinds.text, ''),
  'winkernel.enableDSR': inert(windowsOnly, kinds.boolean, false),
  'winkernel.rootHnsEndpointName': inert(windowsOnly, kinds.text, ''),
  'winkernel.forwardHealthCheckVip': inert(windowsOnly, kinds.boolean, false),
} as const;

/** A ConfigMap that has lived through many upgrades has these. kube-proxy reads them past (lenient decoding). */
const removed = {
  udpIdleTimeout: { ...inert(gone, kinds.timeout, 0, '250ms'), removed: true },
  resourceContainer: { ...inert(gone, kinds.text, '', '/kube-proxy'), removed: true },
  'conntrack.max': { ...inert(gone, kinds.count, 0), removed: true },
} as const;

export const fields = {
  featureGates: applied(kinds.featureGates, {}),
  ...client,
  ...logging,
  hostnameOverride: applied(kinds.nodeName, ''),
  bindAddress: applied(kinds.address, constantAddress('0.0.0.0')),
  healthzBindAddress: applied(kinds.listenAddress(10256), undefined),
  metricsBindAddress: applied(kinds.listenAddress(10249), undefined),
  bindAddressHardFail: applied(kinds.boolean, false),
  enableProfiling: applied(kinds.boolean, false),
  showHiddenMetricsForVersion: inert('no metric is hidden', kinds.minorVersion, ''),
  mode: applied(kinds.mode, 'iptables'),
  ...backend.iptables,
  ...ipvs,
  ...backend.nftables,
  ...winkernel,
  detectLocalMode: applied(
    kinds.choice(['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix']),
    'ClusterCIDR',
  ),
  'detectLocal.bridgeInterface': applied(kinds.bridge, ''),
  'detectLocal.interfaceNamePrefix': applied(kinds.interfacePrefix, ''),
  clusterCIDR: applied(kinds.clusterCidrs, []),
  nodePortAddresses: applied(kinds.nodePortAddresses, undefined),
  oomScoreAdj: applied(kinds.oomScoreAdj, -999),
  ...conntrack,
  configSyncPeriod: inert('watches need no refreshing', kinds.period, 900_000),
  portRange: inert('kube-proxy does not use it either', kinds.portRange, ''),
  windowsRunAsService: inert(windowsOnly, kinds.boolean, false),
  ...removed,
} as const satisfies Readonly<Record<string, ConfigurationField<unknown>>>;

export type FieldPath = keyof typeof fields;

type ValueOf<F> = F extends ConfigurationField<infer T> ? T : never;

/** A value for every field. */
export type Configuration = { readonly [path in FieldPath]: ValueOf<(typeof fields)[path]> };

/** The fields that a file or flags give. */
export type GivenFields = { readonly [path in FieldPath]?: Configuration[path] };

export const fieldPaths = Object.keys(fields) as readonly FieldPath[];

export function isFieldPath(path: string): path is FieldPath {
  return Object.hasOwn(fields, path);
}

/** The field, without what is special about its type. */
export function fieldAt(path: FieldPath): ConfigurationField<unknown> {
  return fields[path];
}
