/** Every flag of `rulewright run`: kube-proxy's own of Kubernetes 1.36, and a few more. */
import type { ProxyMode } from '../core/model/config.ts';
import { type FieldPath, fieldAt } from './fields.ts';

export type FlagGroup =
  | 'Configuration'
  | 'API server'
  | 'The node'
  | 'Rules'
  | 'Conntrack'
  | 'Servers'
  | 'Logs'
  | 'Accepted, without effect';

export interface Flag<Name extends string = string> {
  /** Without the dashes. */
  readonly name: Name;
  /** `<cidr,...>`; `[bool]` where the bare flag means true. */
  readonly argument: string;
  readonly group: FlagGroup;
  /** One line for --help, with the default. */
  readonly help: string;
  /** The field that it sets; a field of `iptables` means that of the mode in use. Undefined: no field can say this. */
  readonly field: FieldPath | undefined;
  /** Whether it counts beside --config. */
  readonly besideConfig: boolean;
  /** Why it has no effect, where no field says so: completes `it has no effect: …`. */
  readonly without?: string;
  /** kube-proxy's default, which needs no warning. */
  readonly harmless?: string;
}

type Row = readonly [name: string, argument: string, field?: FieldPath | undefined, help?: string];

function group<const Rows extends readonly Row[]>(name: FlagGroup, rows: Rows): readonly Flag<Rows[number][0]>[] {
  return rows.map(([flag, argument, field, help]) => ({
    name: flag,
    argument,
    group: name,
    help: help === undefined ? `see ${field ?? flag} in docs/configuration.md` : withDefault(help, field),
    field,
    besideConfig: countsBesideConfig(flag, field),
  }));
}

/** Adds `(default: 14)` from the field, unless the text names the default or the field has none. */
function withDefault(help: string, field: FieldPath | undefined): string {
  if (field === undefined || help.includes('default')) return help;
  const { kind, absent } = fieldAt(field);
  const text = absent === undefined ? '' : String(kind.print(absent));
  return text === '' ? help : `${help} (default: ${text})`;
}

/** As in kube-proxy: with a file, only flags without a field count, --hostname-override, and those about logs. */
function countsBesideConfig(name: string, field: FieldPath | undefined): boolean {
  if (name === 'healthz-port' || name === 'metrics-port') return false;
  return field === undefined || field === 'hostnameOverride' || field.startsWith('logging.');
}

const configuration = group('Configuration', [
  ['config', '<file>', undefined, 'KubeProxyConfiguration; most other flags are then ignored, as kube-proxy does'],
  [
    'write-config-to',
    '<file>',
    undefined,
    'write a KubeProxyConfiguration with all values in use and exit; - is stdout',
  ],
  ['cleanup', '[bool]', undefined, 'remove all rules, of every mode, and exit'],
  ['init-only', '[bool]', undefined, 'do what needs full privileges and exit; CAP_NET_ADMIN is enough afterwards'],
  ['manifests', '<dir>', undefined, 'watch the YAML and JSON files of a folder instead of an API server'],
  ['allow-empty', '[bool]', undefined, 'with --manifests: a folder without Services removes all of them'],
  ['verify-every', '<duration>', undefined, 'prove this often that the rules in the kernel do what the Services say'],
]);

const apiServer = group('API server', [
  ['kubeconfig', '<file>', 'clientConnection.kubeconfig', "how to reach it (default: the pod's service account)"],
  ['master', '<url>', undefined, "its address, instead of the kubeconfig's"],
  ['kube-api-qps', '<number>', 'clientConnection.qps', 'requests a second'],
  ['kube-api-burst', '<number>', 'clientConnection.burst', 'requests at once'],
]);

const node = group('The node', [
  ['hostname-override', '<name>', 'hostnameOverride', "name of this node (default: this machine's name)"],
  ['bind-address', '<ip>', 'bindAddress', "the node's address, before those of its Node object"],
  ['oom-score-adj', '<number>', 'oomScoreAdj', 'how likely the kernel is to kill this, -1000 to 1000'],
]);

const rules = group('Rules', [
  ['proxy-mode', '<iptables|nftables>', 'mode', 'kind of rules'],
  ['cluster-cidr', '<cidr,...>', 'clusterCIDR', 'addresses of all pods, at most one block of each IP family'],
  [
    'detect-local-mode',
    '<mode>',
    'detectLocalMode',
    'how pods of this node are recognized: ClusterCIDR (default), NodeCIDR, BridgeInterface or InterfaceNamePrefix',
  ],
  ['pod-bridge-interface', '<name>', 'detectLocal.bridgeInterface', 'the bridge of the pods, for BridgeInterface'],
  [
    'pod-interface-name-prefix',
    '<prefix>',
    'detectLocal.interfaceNamePrefix',
    "what pods' interfaces begin with, for InterfaceNamePrefix",
  ],
  ['masquerade-all', '[bool]', 'iptables.masqueradeAll', 'masquerade all traffic to cluster IPs'],
  [
    'nodeport-addresses',
    '<cidr,...>',
    'nodePortAddresses',
    'where NodePorts answer, or primary; may be repeated (default: all local addresses; primary for nftables)',
  ],
  ['iptables-localhost-nodeports', '[bool]', 'iptables.localhostNodePorts', 'NodePorts answer on 127.0.0.0/8 too'],
  [
    'iptables-masquerade-bit',
    '<0-31>',
    'iptables.masqueradeBit',
    'bit of the packet mark that asks for masquerading, in either mode',
  ],
  [
    'iptables-sync-period',
    '<duration>',
    'iptables.syncPeriod',
    'the longest time between two looks at all rules, in either mode',
  ],
  [
    'iptables-min-sync-period',
    '<duration>',
    'iptables.minSyncPeriod',
    'the shortest time between two changes of rules, in either mode (default: at most half the time is spent on it)',
  ],
  [
    'layout',
    '<fast|kube-proxy>',
    undefined,
    'fast: a tree of addresses and few chains; kube-proxy: its linear list and its chains (default: fast)',
  ],
  [
    'feature-gates',
    '<gate=bool,...>',
    'featureGates',
    'AllowServiceExternalIPs=false serves no external IPs; no other gate has an effect',
  ],
  ['protect-node-addresses', '[bool]', undefined, 'serve no external IPs that are addresses of this node'],
  [
    'protected-node-ports',
    '<port,...>',
    undefined,
    "TCP ports of this node's addresses that external IPs never take (default: 10250, the kubelet's)",
  ],
  ['max-frontends', '<number>', undefined, 'the most frontends of a Service in each IP family (default: 10000)'],
]);

const conntrack = group('Conntrack', [
  [
    'conntrack-max-per-core',
    '<number>',
    'conntrack.maxPerCore',
    'connections to track for each core; 0 leaves the limit as it is',
  ],
  ['conntrack-min', '<number>', 'conntrack.min', 'connections to track at least'],
  [
    'conntrack-tcp-timeout-established',
    '<duration>',
    'conntrack.tcpEstablishedTimeout',
    'of idle TCP connections; 0s leaves it as it is (default: 24h)',
  ],
  [
    'conntrack-tcp-timeout-close-wait',
    '<duration>',
    'conntrack.tcpCloseWaitTimeout',
    'of TCP connections in CLOSE_WAIT (default: 1h)',
  ],
  ['conntrack-tcp-be-liberal', '[bool]', 'conntrack.tcpBeLiberal', 'let packets pass that conntrack calls INVALID'],
  ['conntrack-udp-timeout', '<duration>', 'conntrack.udpTimeout', 'of UDP without an answer (default: as it is)'],
  [
    'conntrack-udp-timeout-stream',
    '<duration>',
    'conntrack.udpStreamTimeout',
    'of UDP with answers (default: as it is)',
  ],
]);

const servers = group('Servers', [
  ['healthz-bind-address', '<ip:port>', 'healthzBindAddress', '/healthz, /livez and /readyz (default: 0.0.0.0:10256)'],
  [
    'metrics-bind-address',
    '<ip:port>',
    'metricsBindAddress',
    '/metrics and others; empty: no such server (default: 127.0.0.1:10249)',
  ],
  [
    'debug-address',
    '<ip:port>',
    undefined,
    'serve the pages under /debug/ here too (default: only to loopback callers of the metrics address)',
  ],
  [
    'allowed-hosts',
    '<name,...>',
    undefined,
    "names of this node that callers of /debug/ may use (besides IP addresses, localhost and this machine's name)",
  ],
  ['bind-address-hard-fail', '[bool]', 'bindAddressHardFail', 'end when a port is taken'],
  ['profiling', '[bool]', 'enableProfiling', 'serve profiles at /debug/pprof'],
  ['healthz-port', '<port>', undefined, 'deprecated; 0: no such server'],
  ['metrics-port', '<port>', undefined, 'deprecated; 0: no such server'],
]);

const logs = group('Logs', [
  ['v', '<level>', 'logging.verbosity', 'how much is logged'],
  ['logging-format', '<text|json>', 'logging.format', 'form of a line'],
]);

/** Their fields say why they have no effect. */
const inert = group('Accepted, without effect', [
  ['kube-api-content-type', '<type>', 'clientConnection.contentType'],
  ['config-sync-period', '<duration>', 'configSyncPeriod'],
  ['show-hidden-metrics-for-version', '<version>', 'showHiddenMetricsForVersion'],
  ['ipvs-sync-period', '<duration>', 'ipvs.syncPeriod'],
  ['ipvs-min-sync-period', '<duration>', 'ipvs.minSyncPeriod'],
  ['ipvs-scheduler', '<name>', 'ipvs.scheduler'],
  ['ipvs-exclude-cidrs', '<cidr,...>', 'ipvs.excludeCIDRs'],
  ['ipvs-strict-arp', '[bool]', 'ipvs.strictARP'],
  ['ipvs-tcp-timeout', '<duration>', 'ipvs.tcpTimeout'],
  ['ipvs-tcpfin-timeout', '<duration>', 'ipvs.tcpFinTimeout'],
  ['ipvs-udp-timeout', '<duration>', 'ipvs.udpTimeout'],
  ['log-flush-frequency', '<duration>', 'logging.flushFrequency'],
  ['vmodule', '<pattern=N,...>', 'logging.vmodule'],
  ['log-text-split-stream', '[bool]', 'logging.options.text.splitStream'],
  ['log-text-info-buffer-size', '<bytes>', 'logging.options.text.infoBufferSize'],
]);

/** Flags of klog, which kube-proxy still takes; there, those about files have no effect either. */
const klog = group('Accepted, without effect', [
  ['add-dir-header', '[bool]'],
  ['alsologtostderr', '[bool]'],
  ['log-backtrace-at', '<file:line>'],
  ['log-dir', '<dir>'],
  ['log-file', '<file>'],
  ['log-file-max-size', '<number>'],
  ['logtostderr', '[bool]'],
  ['one-output', '[bool]'],
  ['skip-headers', '[bool]'],
  ['skip-log-headers', '[bool]'],
  ['stderrthreshold', '<level>'],
]).map((flag) => ({
  ...flag,
  without: 'logs go to standard error, always in the same form',
  harmless: flag.name === 'logtostderr' ? 'true' : '',
}));

const table = [...configuration, ...apiServer, ...node, ...rules, ...conntrack, ...servers, ...logs, ...inert, ...klog];

export type ProxyFlagName = (typeof table)[number]['name'];

/** In the order of --help. */
export const flags: readonly Flag<ProxyFlagName>[] = table;

/** `iptables.masqueradeAll` → `nftables.masqueradeAll` where nftables is the mode: one flag is for both. */
export function fieldOf(flag: Flag, mode: ProxyMode): FieldPath | undefined {
  const { field: path } = flag;
  if (path === undefined || mode === 'iptables' || !path.startsWith('iptables.')) return path;
  return path === 'iptables.localhostNodePorts' ? path : (path.replace('iptables.', 'nftables.') as FieldPath);
}
