/**
 * This node's own Node object, on its way from the source to the inbox. As in kube-proxy, a Node that is deleted while
 * the daemon runs changes nothing, and one that is not there at the start is waited for, but not for ever.
 */
import type { Clock } from '../../clock.ts';
import type { Node } from '../../core/model/objects.ts';
import type { ObservedChange, SourceProgress, SourceSink } from '../../core/snapshot/source.ts';

export interface OwnNodeOptions {
  readonly nodeName: string;
  readonly clock: Pick<Clock, 'after'>;
  /** Whether load balancers may send new connections here: the Node is known and is not about to go. */
  readonly setEligible: (isEligible: boolean) => void;
  /** The Node is known for the first time. */
  readonly onFound: (node: Node) => void;
}

/** A sink to give to the source. */
export interface OwnNodeSink {
  readonly sink: SourceSink;
  /** Waits for nothing any more. */
  stop(): void;
}

/** kube-proxy waits as long for its Node (pkg/proxy/node.go). */
const nodeWaitMs = 30_000;
/** Names of other Nodes that a warning shows. */
const shownNames = 3;

interface OwnNodeState {
  /** As it was last given to the inbox; undefined before the first time. */
  node: Node | undefined;
  isGone: boolean;
  readonly otherNames: Set<string>;
}

/** Passes everything on to `sink`, except what would remove what is known of this node. */
export function followOwnNode(
  sink: SourceSink,
  { nodeName, clock, setEligible, onFound }: OwnNodeOptions,
): OwnNodeSink {
  const state: OwnNodeState = { node: undefined, isGone: false, otherNames: new Set() };
  const tell = (severity: SourceProgress['severity'], message: string): void =>
    sink.progress({ kind: 'Node', severity, message });
  const cancel = clock.after(nodeWaitMs, () => {
    if (state.node !== undefined) return;
    tell('warning', lateMessage(nodeName));
    // A Node without addresses: NodePorts of the primary address are then served on all addresses.
    sink.changed([changeOf({ name: nodeName, addresses: [], podCidrs: [] })]);
  });
  const take = (node: Node): ObservedChange => {
    const { node: before, isGone } = state;
    state.node = keepAddresses(node, before);
    state.isGone = false;
    setEligible(node.isLeaving !== true);
    if (before === undefined) onFound(node);
    if (isGone) tell('info', `Node ${nodeName} is there again`);
    return changeOf(state.node);
  };
  const own = {
    changed: (changes: readonly ObservedChange[]) => {
      const passed = changes.flatMap((change): readonly ObservedChange[] => {
        const { event } = change;
        if (event.type === 'delete') {
          if (event.kind !== 'Node' || event.key !== nodeName) return [change];
          if (!state.isGone) tell('warning', goneMessage(nodeName));
          state.isGone = true;
          return [];
        }
        if (event.manifest.kind !== 'Node') return [change];
        const { object } = event.manifest;
        if (object.name === nodeName) return [take(object)];
        if (state.otherNames.size < shownNames) state.otherNames.add(object.name);
        return [change];
      });
      sink.changed(passed);
    },
    synced: (kind: Parameters<SourceSink['synced']>[0]) => {
      if (kind === 'Node' && state.node === undefined) tell('warning', missingMessage(nodeName, state.otherNames));
      sink.synced(kind);
    },
  };
  return { sink: { ...sink, ...own }, stop: cancel };
}

/** kube-proxy goes on with the addresses that it had when a Node comes without any; podCIDRs are kept alike. */
function keepAddresses(node: Node, before: Node | undefined): Node {
  const { addresses = [], podCidrs = [] } = before ?? {};
  return {
    ...node,
    addresses: node.addresses.length > 0 ? node.addresses : addresses,
    podCidrs: node.podCidrs.length > 0 ? node.podCidrs : podCidrs,
  };
}

function changeOf(object: Node): ObservedChange {
  return { event: { type: 'set', manifest: { kind: 'Node', object } } };
}

const remedy = 'set --hostname-override to the name that the cluster has for this node';

function missingMessage(name: string, others: ReadonlySet<string>): string {
  const known = others.size === 0 ? '' : `; there are ${[...others].join(', ')}`;
  return `Node ${name} not found${known}: endpoints on this node may not count as local; ${remedy}`;
}

function lateMessage(nodeName: string): string {
  const effect = 'NodePorts of the primary address are served on all addresses, and /healthz answers 503';
  return `Node ${nodeName} is still unknown after ${nodeWaitMs / 1000} s: ${effect}; ${remedy}`;
}

function goneMessage(nodeName: string): string {
  return `Node ${nodeName} was deleted: its addresses, zone and podCIDRs stay in use, and its NodePorts stay open`;
}
