import type { Diagnostic } from '../diagnostics.ts';
import type { IpFamily } from '../model/address.ts';
import { cidrCovers, loopbackBlocks } from '../model/cidr.ts';
import type { NodeConfig } from '../model/config.ts';
import type { Service } from '../model/objects.ts';
import { memoizeFor } from '../structures/memoize.ts';
import type { Shards } from '../structures/shards.ts';
import { type FamilyContext, loopbackAnswers } from './context.ts';

/** What the node's settings cannot do in one family. */
export function contextDiagnostics(
  config: NodeConfig,
  context: FamilyContext,
  services: Shards<Service>,
): readonly Diagnostic[] {
  return [
    ...localDetectionDiagnostics(config, context),
    ...nodeAddressDiagnostics(config, context, services),
    ...loopbackDiagnostics(config, context),
  ];
}

function localDetectionDiagnostics(config: NodeConfig, { family, localPods }: FamilyContext): readonly Diagnostic[] {
  if (localPods.kind !== 'unknown') return [];
  const problem =
    `pods of this node cannot be told from other ${family} sources, ` +
    'so traffic from outside the cluster to cluster IPs keeps its source';
  const object = { kind: 'Node', name: config.nodeName };
  // NodeCIDR was asked for and cannot work; a missing cluster CIDR is a choice.
  return config.detectLocal.mode === 'NodeCIDR'
    ? [
        {
          code: 'node-pod-cidr-unknown',
          severity: 'warning',
          object,
          field: 'spec.podCIDRs',
          problem: `the Node has no ${family} pod CIDR: ${problem}`,
          remedy: `give the Node object a pod CIDR for ${family}, or choose another --detect-local-mode`,
        },
      ]
    : [
        {
          code: 'local-detection-off',
          severity: 'info',
          object,
          field: '',
          problem: `there is no ${family} cluster CIDR: ${problem}`,
          remedy: 'pass --cluster-cidr if such traffic must be masqueraded',
        },
      ];
}

function nodeAddressDiagnostics(
  config: NodeConfig,
  { family, primaryIp, nodePortBlocks }: FamilyContext,
  services: Shards<Service>,
): readonly Diagnostic[] {
  if (config.nodePortAddresses.kind !== 'primary' || primaryIp !== undefined) return [];
  if (!services.some(hasNodePort(family))) return [];
  const effect = nodePortBlocks.length === 0 ? 'answer nowhere' : 'answer on all its addresses';
  return [
    {
      code: 'node-address-unknown',
      severity: 'warning',
      object: { kind: 'Node', name: config.nodeName },
      field: 'status.addresses',
      problem: `no ${family} address of the node is known, so NodePorts ${effect} in ${family}`,
      remedy: 'add the Node object, pass --node-ip, or name blocks with --nodeport-addresses',
    },
  ];
}

/** Of the Services of one shard, so that a change asks one shard only. */
const hasNodePort = memoizeFor(
  (family: IpFamily) => family,
  (family, services: ReadonlyMap<string, Service>) =>
    [...services.values()].some(
      ({ clusterIps, ports }) =>
        clusterIps[family] !== undefined && ports.some(({ nodePort }) => nodePort !== undefined),
    ),
);

/** Only for blocks within the loopback block: wider ones do not show that loopback addresses are meant. */
function loopbackDiagnostics(config: NodeConfig, { family, nodePortBlocks }: FamilyContext): readonly Diagnostic[] {
  if (loopbackAnswers(config, family)) return [];
  const why = family === 'IPv6' ? 'IPv6 has no routable loopback block' : 'localhost NodePorts are off';
  return nodePortBlocks
    .filter((block) => cidrCovers(loopbackBlocks[family], block))
    .map((block) => ({
      code: 'localhost-node-ports-off',
      severity: 'warning',
      object: { kind: 'Node', name: config.nodeName },
      field: '',
      problem: `NodePorts cannot answer on ${block}: ${why}`,
      remedy: 'remove the block from --nodeport-addresses, or allow it with --iptables-localhost-nodeports (IPv4 only)',
    }));
}
