/** The configuration of the compiler for this node. */
import { hostname } from 'node:os';
import type { ProxySettings } from '../../configuration/settings.ts';
import type { NodeConfig } from '../../core/model/config.ts';

/** The configuration of this node; its name is that of the machine unless `hostnameOverride` says otherwise. */
export function nodeConfigOf(settings: ProxySettings): NodeConfig {
  const nodeName = settings.hostnameOverride ?? hostname().trim().toLowerCase();
  return { ...settings.node, nodeName, fallbackNodeIps: [], nfacct: false };
}
