/** Every flag of `rulewright run`: kube-proxy's own of Kubernetes 1.36, and a few more. */
import type { ProxyMode } from '../core/model/config.ts';
import type { FieldPath } from './fields.ts';

export type FlagGroup =
  | 'Configuration'
  | 'API server'
  | 'The node'
  | 'Rules'
  | 'Conntrack'
  | 'Servers'
  | 'Logs'
  | 'Accepted, without effect';

export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** `<cidr,...>`; `[bool]` where the bare flag means true. */
  readonly argument: string;
  readonly group: FlagGroup;
  /** One line for --help. */
  readonly help: string;
  /** The field that it sets; a field of `iptables` means that of the mode in use. Absent: no field can say this. */
  readonly field?: FieldPath;
  /** Whether it counts beside --config. kube-proxy takes nearly everything from the file alone. */
  readonly besideConfig: boolean;
  /** Why it has no effect, where no field says so: completes `it has no effect: …`. */
  readonly without?: string;
  /** The text that nobody has to be told about: kube-proxy's default. */
  readonly harmless?: string;
}

/** A flag that sets a field, and that a file silences. */
function field(group: FlagGroup, name: string, argument: string, [path, help]: readonly [FieldPath, string]): Flag {
  return { name, argument, group, help, field: path, besideConfig: false };
}

const configuration: readonly Flag[] = [
  ['config', '<file>', 'KubeProxyConfiguration to start with; most other flags are then ignored, as kube-proxy does'],
  ['write-config-to', '<file>', 'write a KubeProxyConfiguration with all values in use and exit; - is standard output'],
  ['cleanup', '[bool]', 'remove all rules, of every mode, and exit'],
  ['init-only', '[bool]', 'do what needs full privileges and exit; CAP_NET_ADMIN is enough afterwards'],
  ['manifests', '<dir>', 'watch the YAML and JSON files of a folder instead of an API server'],
  ['verify-every', '<duration>', 'prove this often that the rules in the kernel do what the Services say'],
].map(([name = '', argument = '', help = '']) => ({
  name,
  argument,
  group: 'Configuration',
  help,
  besideConfig: true,
}));

const apiServer: readonly Flag[] = [
  field('API server', 'kubeconfig', '<file>', [
    'clientConnection.kubeconfig',
    "how to reach it (default: the pod's service account)",
  ]),
  {
    name: 'master',
    argument: '<url>',
    group: 'API server',
    help: "its address, instead of the kubeconfig's",
    besideConfig: true,
  },
  field('API server', 'kube-api-qps', '<number>', ['clientConnection.qps', 'requests a second (default: 5)']),
  field('API server', 'kube-api-burst', '<number>', ['clientConnection.burst', 'requests at once (default: 10)']),
];

const node: readonly Flag[] = [
  {
    name: 'hostname-override',
    argument: '<name>',
    group: 'The node',
    help: "name of this node (default: this machine's name)",
    field: 'hostnameOverride',
    besideConfig: true,
  },
  field('The node', 'bind-address', '<ip>', [
    'bindAddress',
    "the node's address when it has no Node object (default: 0.0.0.0)",
  ]),
  field('The node', 'oom-score-adj', '<number>', [
    'oomScoreAdj',
    'how unlikely the kernel is to kill this, -1000 to 1000 (default: -999)',
  ]),
];

const rules: readonly Flag[] = [
  field('Rules', 'proxy-mode', '<iptables|nftables>', ['mode', 'kind of rules (default: iptables)']),
  field('Rules', 'cluster-cidr', '<cidr,...>', [
    'clusterCIDR',
    'addresses of all pods, at most one block of each IP family',
  ]),
  field('Rules', 'detect-local-mode', '<mode>', [
    'detectLocalMode',
    'how pods of this node are recognized: ClusterCIDR (default), NodeCIDR, BridgeInterface or InterfaceNamePrefix',
  ]),
  field('Rules', 'pod-bridge-interface', '<name>', [
    'detectLocal.bridgeInterface',
    'the bridge of the pods, for BridgeInterface',
  ]),
  field('Rules', 'pod-interface-name-prefix', '<prefix>', [
    'detectLocal.interfaceNamePrefix',
    "what pods' interfaces begin with, for InterfaceNamePrefix",
  ]),
  field('Rules', 'masquerade-all', '[bool]', [
    'iptables.masqueradeAll',
    'masquerade all traffic to cluster IPs (default: false)',
  ]),
  field('Rules', 'nodeport-addresses', '<cidr,...>', [
    'nodePortAddresses',
    'where NodePorts answer, or primary; may be repeated (default: all local addresses; primary for nftables)',
  ]),
  field('Rules', 'iptables-localhost-nodeports', '[bool]', [
    'iptables.localhostNodePorts',
    'NodePorts answer on 127.0.0.0/8 too (default: true)',
  ]),
  field('Rules', 'iptables-masquerade-bit', '<0-31>', [
    'iptables.masqueradeBit',
    'bit of the packet mark that asks for masquerading (default: 14)',
  ]),
  field('Rules', 'iptables-sync-period', '<duration>', [
    'iptables.syncPeriod',
    'the longest time between two looks at all rules, in either mode (default: 30s)',
  ]),
  field('Rules', 'iptables-min-sync-period', '<duration>', [
    'iptables.minSyncPeriod',
    'the shortest time between two changes of rules (default: as short as half the time spent applying allows)',
  ]),
  {
    name: 'layout',
    argument: '<fast|kube-proxy>',
    group: 'Rules',
    help: 'fast: a tree of addresses and few chains; kube-proxy: its linear list and its chains (default: fast)',
    besideConfig: true,
  },
];

const conntrack: readonly Flag[] = [
  field('Conntrack', 'conntrack-max-per-core', '<number>', [
    'conntrack.maxPerCore',
    'connections to track for each core; 0 leaves the limit as it is (default: 32768)',
  ]),
  field('Conntrack', 'conntrack-min', '<number>', ['conntrack.min', 'connections to track at least (default: 131072)']),
  field('Conntrack', 'conntrack-tcp-timeout-established', '<duration>', [
    'conntrack.tcpEstablishedTimeout',
    'of idle TCP connections; 0s leaves it as it is (default: 24h)',
  ]),
  field('Conntrack', 'conntrack-tcp-timeout-close-wait', '<duration>', [
    'conntrack.tcpCloseWaitTimeout',
    'of TCP connections in CLOSE_WAIT (default: 1h)',
  ]),
  field('Conntrack', 'conntrack-tcp-be-liberal', '[bool]', [
    'conntrack.tcpBeLiberal',
    'let packets pass that conntrack calls INVALID (default: false)',
  ]),
  field('Conntrack', 'conntrack-udp-timeout', '<duration>', [
    'conntrack.udpTimeout',
    'of UDP without an answer (default: as it is)',
  ]),
  field('Conntrack', 'conntrack-udp-timeout-stream', '<duration>', [
    'conntrack.udpStreamTimeout',
    'of UDP with answers (default: as it is)',
  ]),
];

const servers: readonly Flag[] = [
  field('Servers', 'healthz-bind-address', '<ip:port>', [
    'healthzBindAddress',
    '/healthz and /livez (default: 0.0.0.0:10256)',
  ]),
  field('Servers', 'metrics-bind-address', '<ip:port>', [
    'metricsBindAddress',
    '/metrics and others; empty: no such server (default: 127.0.0.1:10249)',
  ]),
  field('Servers', 'bind-address-hard-fail', '[bool]', [
    'bindAddressHardFail',
    'end when a port is taken (default: false)',
  ]),
  field('Servers', 'profiling', '[bool]', ['enableProfiling', 'serve profiles at /debug/pprof (default: false)']),
  ...(['healthz', 'metrics'] as const).map(
    (server): Flag => ({
      name: `${server}-port`,
      argument: '<port>',
      group: 'Servers',
      help: `deprecated: 0 for no such server; its port where --${server}-bind-address has none`,
      besideConfig: false,
    }),
  ),
];

const logs: readonly Flag[] = [
  { ...field('Logs', 'v', '<level>', ['logging.verbosity', 'how much is logged (default: 0)']), besideConfig: true },
  {
    ...field('Logs', 'logging-format', '<text|json>', ['logging.format', 'form of a line (default: text)']),
    besideConfig: true,
  },
];

function withoutEffect(name: string, argument: string, path: FieldPath, besideConfig = false): Flag {
  return {
    ...field('Accepted, without effect', name, argument, [path, `see ${path} in docs/configuration.md`]),
    besideConfig,
  };
}

/** klog's flags, which kube-proxy still takes; those of files have no effect there either while it logs to stderr. */
const klog: readonly Flag[] = (
  [
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
  ] as const
).map(([name, argument]) => ({
  name,
  argument,
  group: 'Accepted, without effect',
  help: "of kube-proxy's log library",
  besideConfig: true,
  without: 'logs go to standard error, always in the same form',
  harmless: name === 'logtostderr' ? 'true' : '',
}));

const inert: readonly Flag[] = [
  withoutEffect('feature-gates', '<gate=bool,...>', 'featureGates'),
  withoutEffect('kube-api-content-type', '<type>', 'clientConnection.contentType'),
  withoutEffect('config-sync-period', '<duration>', 'configSyncPeriod'),
  withoutEffect('show-hidden-metrics-for-version', '<version>', 'showHiddenMetricsForVersion'),
  withoutEffect('ipvs-sync-period', '<duration>', 'ipvs.syncPeriod'),
  withoutEffect('ipvs-min-sync-period', '<duration>', 'ipvs.minSyncPeriod'),
  withoutEffect('ipvs-scheduler', '<name>', 'ipvs.scheduler'),
  withoutEffect('ipvs-exclude-cidrs', '<cidr,...>', 'ipvs.excludeCIDRs'),
  withoutEffect('ipvs-strict-arp', '[bool]', 'ipvs.strictARP'),
  withoutEffect('ipvs-tcp-timeout', '<duration>', 'ipvs.tcpTimeout'),
  withoutEffect('ipvs-tcpfin-timeout', '<duration>', 'ipvs.tcpFinTimeout'),
  withoutEffect('ipvs-udp-timeout', '<duration>', 'ipvs.udpTimeout'),
  withoutEffect('log-flush-frequency', '<duration>', 'logging.flushFrequency', true),
  withoutEffect('vmodule', '<pattern=N,...>', 'logging.vmodule', true),
  withoutEffect('log-text-split-stream', '[bool]', 'logging.options.text.splitStream', true),
  withoutEffect('log-text-info-buffer-size', '<bytes>', 'logging.options.text.infoBufferSize', true),
  ...klog,
];

/** In the order of --help. */
export const flags: readonly Flag[] = [
  ...configuration,
  ...apiServer,
  ...node,
  ...rules,
  ...conntrack,
  ...servers,
  ...logs,
  ...inert,
];

export const flagNames: ReadonlySet<string> = new Set(flags.map(({ name }) => name));

/** `iptables.masqueradeAll` → `nftables.masqueradeAll` where nftables is the mode: one flag is for both. */
export function fieldOf(flag: Flag, mode: ProxyMode): FieldPath | undefined {
  const { field: path } = flag;
  if (path === undefined || mode === 'iptables' || !path.startsWith('iptables.')) return path;
  return path === 'iptables.localhostNodePorts' ? path : (path.replace('iptables.', 'nftables.') as FieldPath);
}
