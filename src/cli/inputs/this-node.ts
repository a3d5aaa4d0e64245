/** Which node the rules are for: found among the inputs, described by flags, or unknown. */
import type { Diagnostic } from '../../core/diagnostics.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import type { Manifest, Node } from '../../core/model/objects.ts';
import type { CompileSettings } from '../flags/settings.ts';

export interface ThisNode {
  readonly config: NodeConfig;
  /** The node's object with what the flags say about it; absent when there is no object and no such flag. */
  readonly node: Node | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The name is --hostname-override, else the only Node's among the inputs, else the machine's name in lower case, as
 * kube-proxy has it. --node-ip and --zone go before what the Node object says.
 */
export function findThisNode(settings: CompileSettings, manifests: readonly Manifest[], machineName: string): ThisNode {
  const nodes = manifests.flatMap((manifest) => (manifest.kind === 'Node' ? [manifest.object] : []));
  const [firstNode] = nodes;
  const onlyNode = nodes.length === 1 ? firstNode : undefined;
  const nodeName = settings.nodeName ?? onlyNode?.name ?? machineName.trim().toLowerCase();
  const object = nodes.find((candidate) => candidate.name === nodeName);
  const config = { ...settings.node, nodeName, fallbackNodeIps: settings.nodeIps, nfacct: false };
  return {
    config,
    node: describeNode(settings, nodeName, object),
    diagnostics:
      object === undefined
        ? unknownNode(settings, nodeName, { nodes, hasLocalPolicy: manifests.some(hasLocalPolicy) })
        : takenNode(settings, object),
  };
}

function describeNode({ nodeIps, zone }: CompileSettings, name: string, object: Node | undefined): Node | undefined {
  if (object === undefined && nodeIps.length === 0 && zone === undefined) return undefined;
  const node = object ?? { name, addresses: [], podCidrs: [] };
  const withAddresses = nodeIps.length === 0 ? node : { ...node, addresses: nodeIps };
  return zone === undefined ? withAddresses : { ...withAddresses, zone };
}

function takenNode(settings: CompileSettings, { name }: Node): readonly Diagnostic[] {
  if (settings.nodeName !== undefined) return [];
  return [
    {
      code: 'node-taken',
      severity: 'info',
      object: { kind: 'Node', name },
      field: '',
      problem: 'the rules are for this node',
      remedy: 'pass --hostname-override for those of another one',
    },
  ];
}

interface Surroundings {
  readonly nodes: readonly Node[];
  readonly hasLocalPolicy: boolean;
}

function hasLocalPolicy(manifest: Manifest): boolean {
  if (manifest.kind !== 'Service') return false;
  const { internalTrafficPolicy, externalTrafficPolicy } = manifest.object;
  return internalTrafficPolicy === 'Local' || externalTrafficPolicy === 'Local';
}

/** Only a warning when it is likely to give other rules than those meant. */
function unknownNode(
  { nodeName: nameGiven, nodeIps }: CompileSettings,
  name: string,
  { nodes, hasLocalPolicy }: Surroundings,
): readonly Diagnostic[] {
  const about = { object: { kind: 'Node', name }, field: '' };
  if (nodes.length > 0) {
    return [
      {
        ...about,
        code: 'node-not-found',
        severity: 'warning',
        problem: `it is not among the Nodes given (${nodes.length}), so its addresses, zone and pod CIDRs are unknown`,
        remedy: 'pass --hostname-override with the name of the node that the rules are for, or add its object',
      },
    ];
  }
  if (nameGiven === undefined && hasLocalPolicy) {
    return [
      {
        ...about,
        code: 'node-guessed',
        severity: 'warning',
        problem: 'the rules are for a node of this name, and a Local traffic policy lets only its endpoints be reached',
        remedy: 'pass --hostname-override, or add a Node object',
      },
    ];
  }
  if (nodeIps.length > 0) return [];
  return [
    {
      ...about,
      code: 'node-unknown',
      severity: 'info',
      problem: 'it is not in the input, so its addresses (source ranges may hold them), zone and pod CIDRs are unknown',
      remedy: 'add the Node object, or pass --node-ip and --zone where they matter',
    },
  ];
}
