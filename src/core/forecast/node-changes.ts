/** Compares the settings of the node that affect all Services, in words. */
import type { IpFamily, PerFamily } from '../model/address.ts';
import { ipFamilies } from '../model/address.ts';
import type { ClaimRules, NodeConfig } from '../model/config.ts';
import type { Node } from '../model/objects.ts';
import type { LocalPodMatch, NodePortMatch, Plan } from '../model/plan.ts';
import { nodeAddresses } from '../plan/node-addresses.ts';
import type { NodeChange } from './changes.ts';

/** One side of the comparison, as far as the node is concerned. */
export interface NodeSide {
  readonly config: NodeConfig;
  readonly node: Node | undefined;
  readonly plans: PerFamily<Plan>;
}

/** Each setting that differs, once; empty where none does. */
export function nodeChanges(before: NodeSide, after: NodeSide): readonly NodeChange[] {
  const ofFamilies = ipFamilies.flatMap((family) => {
    const [old, now] = [before.plans[family], after.plans[family]];
    return old === undefined || now === undefined ? [] : compare(familySettings(old), familySettings(now), family);
  });
  return [...compare(nodeSettings(before), nodeSettings(after)), ...ofFamilies];
}

type Settings = Readonly<Record<string, string>>;

function compare(before: Settings, after: Settings, family?: IpFamily): readonly NodeChange[] {
  return Object.entries(before).flatMap(([setting, old]) => {
    const now = after[setting] ?? '';
    return old === now ? [] : [{ ...(family === undefined ? {} : { family }), setting, before: old, after: now }];
  });
}

function nodeSettings({ config, node }: NodeSide): Settings {
  return {
    node: config.nodeName,
    mode: config.mode,
    'node addresses': listed(nodeAddresses(config, node)),
    zone: node?.zone ?? 'unknown',
    'masquerade all': config.masqueradeAll ? 'yes' : 'no',
    'masquerade bit': String(config.masqueradeBit),
    'external IPs': describeExternalIps(config.claimRules),
    'frontends of a Service': `at most ${config.claimRules.maxFrontends}`,
    'packets that conntrack takes for invalid': config.conntrackTcpBeLiberal ? 'let through' : 'dropped',
  };
}

function describeExternalIps({ allowExternalIps, protectNodeAddresses, protectedPorts }: ClaimRules): string {
  if (!allowExternalIps) return 'not served';
  if (protectNodeAddresses) return 'served, except on addresses of this node';
  const ports = protectedPorts.map(({ port }) => String(port));
  return `served, on addresses of this node except on ports ${listed(ports)}`;
}

function familySettings({ localPods, nodePorts, protectLoopback, unusedClusterIps }: Plan): Settings {
  return {
    'pods of this node': describeLocalPods(localPods),
    'NodePorts answer on': describeNodePorts(nodePorts),
    'a NodePort without endpoints refuses': nodePorts.refusesEverywhere ? 'on every address' : 'where it answers',
    'loopback addresses from outside': protectLoopback ? 'dropped' : 'left to the kernel',
    'unused ports of cluster IPs': unusedClusterIps === undefined ? 'let pass' : 'refused',
    'unallocated cluster IPs': describeUnallocated(unusedClusterIps?.serviceCidrs ?? []),
  };
}

function describeLocalPods(localPods: LocalPodMatch): string {
  switch (localPods.kind) {
    case 'unknown':
      return 'not told apart';
    case 'everyone':
      return 'everyone';
    case 'sources':
      return `sources in ${localPods.cidr}`;
    case 'interface':
      return `what arrives by ${localPods.name}`;
    case 'interfacePrefix':
      return `what arrives by ${localPods.prefix}*`;
    default:
      return localPods satisfies never;
  }
}

function describeNodePorts({ within, except }: NodePortMatch): string {
  if (within.length === 0) return 'no address';
  return `local addresses in ${within.join(', ')}${except === undefined ? '' : ` except ${except}`}`;
}

function describeUnallocated(serviceCidrs: readonly string[]): string {
  return serviceCidrs.length === 0 ? 'let pass' : `dropped in ${listed(serviceCidrs)}`;
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(', ');
}
