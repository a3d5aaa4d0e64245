/** What the compiler is told of the node that it compiles for. */
import { hostname } from 'node:os';
import type { ProxySettings } from '../../configuration/settings.ts';
import type { IpAddress } from '../../core/model/address.ts';
import type { NodeConfig } from '../../core/model/config.ts';

/** The configuration of this node; its name is that of the machine unless `hostnameOverride` says otherwise. */
export function nodeConfigOf(settings: ProxySettings): NodeConfig {
  const nodeName = settings.hostnameOverride ?? hostname().trim().toLowerCase();
  return { ...settings.node, nodeName, fallbackNodeIps: fallbackIps(settings.bindAddress), nfacct: false };
}

/** As for kube-proxy: the address it is told to bind to is the node's, until a Node object says more. */
function fallbackIps(bindAddress: IpAddress): readonly IpAddress[] {
  return bindAddress === '0.0.0.0' || bindAddress === '::' ? [] : [bindAddress];
}
