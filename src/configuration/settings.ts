/**
 * What flags and configuration file come to: the settings of the daemon, every value validated and every default filled
 * in.
 */
import type { IpAddress } from '../core/model/address.ts';
import type { NodeConfig } from '../core/model/config.ts';

export interface HostPort {
  readonly host: IpAddress;
  readonly port: number;
}

export interface ProxySettings {
  /** What shapes rules. The node's name and addresses are found out later. */
  readonly node: Omit<NodeConfig, 'nodeName' | 'fallbackNodeIps'>;
  /** Absent: this machine's name, in lower case. */
  readonly hostnameOverride: string | undefined;
  /** Taken for the node's address when it has no Node object; a wildcard says the family only. */
  readonly bindAddress: IpAddress;
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
