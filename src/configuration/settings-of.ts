/** From a whole configuration to the settings of the daemon. */
import type { DetectLocal, IptablesLayout } from '../core/model/config.ts';
import type { Configuration } from './fields.ts';
import type { ProxySettings } from './settings.ts';

/** What only flags can say. */
export interface FlagSettings {
  readonly layout: IptablesLayout;
  /** Address of the API server; empty: the kubeconfig's. */
  readonly master: string;
}

export function proxySettings(configuration: Configuration, { layout, master }: FlagSettings): ProxySettings {
  const { mode } = configuration;
  return {
    node: nodeSettings(configuration, layout),
    hostnameOverride: configuration.hostnameOverride || undefined,
    bindAddress: configuration.bindAddress,
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

/** What shapes rules. */
export function nodeSettings(configuration: Configuration, layout: IptablesLayout): ProxySettings['node'] {
  const { mode } = configuration;
  return {
    mode,
    masqueradeAll: configuration[`${mode}.masqueradeAll`],
    masqueradeBit: configuration[`${mode}.masqueradeBit`],
    detectLocal: detectLocal(configuration),
    nodePortAddresses: configuration.nodePortAddresses,
    localhostNodePorts: configuration['iptables.localhostNodePorts'],
    conntrackTcpBeLiberal: configuration['conntrack.tcpBeLiberal'],
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
