/** From a whole configuration to the settings of the daemon, with every value valid and every default filled in. */
import type { DetectLocal, IptablesLayout, NodeConfig } from '../core/model/config.ts';
import { type ClaimFlags, claimRules, usualClaimFlags } from './claim-flags.ts';
import type { Configuration } from './fields.ts';
import type { HostPort } from './host-port.ts';

/** What shapes rules, before the name and the addresses of the node are known. */
export type RuleSettings = Omit<NodeConfig, 'nodeName' | 'fallbackNodeIps' | 'nfacct'>;

export interface ProxySettings {
  readonly node: RuleSettings;
  /** Absent: this machine's name, in lower case. */
  readonly hostnameOverride: string | undefined;
  /** Undefined: no such server. */
  readonly healthzBindAddress: HostPort | undefined;
  readonly metricsBindAddress: HostPort | undefined;
  /** Whether a server that cannot listen ends the program instead of being tried again. */
  readonly bindAddressHardFail: boolean;
  readonly enableProfiling: boolean;
  readonly clientConnection: ClientConnection;
  /** The longest time between two full syncs. */
  readonly syncPeriodMs: number;
  /** The shortest time between two syncs; 0 leaves it to the loop, which spends at most half its time applying. */
  readonly minSyncPeriodMs: number;
  readonly conntrack: ConntrackSettings;
  /** -1000 to 1000; undefined leaves it as it is. */
  readonly oomScoreAdj: number | undefined;
  readonly logging: { readonly format: 'text' | 'json'; readonly verbosity: number };
  readonly featureGates: Readonly<Record<string, boolean>>;
}

export interface ClientConnection {
  /** Path; empty for the service account of the pod. */
  readonly kubeconfig: string;
  /** Goes before the kubeconfig's server. */
  readonly master: string;
  /** Requests a second, on average and at once. */
  readonly qps: number;
  readonly burst: number;
}

/** Undefined or 0: left as the kernel has it. */
export interface ConntrackSettings {
  readonly maxPerCore: number | undefined;
  readonly min: number | undefined;
  readonly tcpEstablishedTimeoutMs: number | undefined;
  readonly tcpCloseWaitTimeoutMs: number | undefined;
  readonly tcpBeLiberal: boolean;
  readonly udpTimeoutMs: number | undefined;
  readonly udpStreamTimeoutMs: number | undefined;
}

/** What only flags can say of rules. */
export interface RuleFlags {
  readonly layout: IptablesLayout;
  /** kube-proxy has no such flags: absent for what they are without them. */
  readonly claims?: ClaimFlags;
}

/** What only flags can say. */
export interface FlagSettings extends RuleFlags {
  /** Address of the API server; empty: the kubeconfig's. */
  readonly master: string;
}

export function proxySettings(configuration: Configuration, { master, ...rules }: FlagSettings): ProxySettings {
  const { mode } = configuration;
  return {
    node: ruleSettings(configuration, rules),
    hostnameOverride: configuration.hostnameOverride || undefined,
    healthzBindAddress: configuration.healthzBindAddress ?? undefined,
    metricsBindAddress: configuration.metricsBindAddress ?? undefined,
    bindAddressHardFail: configuration.bindAddressHardFail,
    enableProfiling: configuration.enableProfiling,
    clientConnection: {
      kubeconfig: configuration['clientConnection.kubeconfig'],
      master,
      qps: configuration['clientConnection.qps'],
      burst: configuration['clientConnection.burst'],
    },
    syncPeriodMs: configuration[`${mode}.syncPeriod`],
    minSyncPeriodMs: configuration[`${mode}.minSyncPeriod`],
    conntrack: {
      maxPerCore: configuration['conntrack.maxPerCore'],
      min: configuration['conntrack.min'],
      tcpEstablishedTimeoutMs: configuration['conntrack.tcpEstablishedTimeout'],
      tcpCloseWaitTimeoutMs: configuration['conntrack.tcpCloseWaitTimeout'],
      tcpBeLiberal: configuration['conntrack.tcpBeLiberal'],
      udpTimeoutMs: configuration['conntrack.udpTimeout'],
      udpStreamTimeoutMs: configuration['conntrack.udpStreamTimeout'],
    },
    oomScoreAdj: configuration.oomScoreAdj,
    logging: { format: configuration['logging.format'], verbosity: configuration['logging.verbosity'] },
    featureGates: configuration.featureGates,
  };
}

export function ruleSettings(configuration: Configuration, { layout, claims }: RuleFlags): RuleSettings {
  const { mode, bindAddress } = configuration;
  const isWildcard = bindAddress === '0.0.0.0' || bindAddress === '::';
  return {
    mode,
    ...(isWildcard ? {} : { bindAddress }),
    masqueradeAll: configuration[`${mode}.masqueradeAll`],
    masqueradeBit: configuration[`${mode}.masqueradeBit`],
    detectLocal: detectLocal(configuration),
    nodePortAddresses: configuration.nodePortAddresses,
    localhostNodePorts: configuration['iptables.localhostNodePorts'],
    conntrackTcpBeLiberal: configuration['conntrack.tcpBeLiberal'],
    claimRules: claimRules(configuration, claims ?? usualClaimFlags),
    layout,
  };
}

function detectLocal(configuration: Configuration): DetectLocal {
  const mode = configuration.detectLocalMode;
  switch (mode) {
    case 'ClusterCIDR':
      return { mode, cidrs: configuration.clusterCIDR };
    case 'NodeCIDR':
      return { mode };
    case 'BridgeInterface':
      return { mode, bridge: configuration['detectLocal.bridgeInterface'] };
    case 'InterfaceNamePrefix':
      return { mode, prefix: configuration['detectLocal.interfaceNamePrefix'] };
    default:
      return mode satisfies never;
  }
}
