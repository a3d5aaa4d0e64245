/** Local detection by the Node's podCIDRs needs them: nothing is programmed before the Node has some. */
import type { Clock } from '../../clock.ts';
import type { ObservedChange, SourceSink } from '../../core/snapshot/source.ts';

export interface PodCidrWait {
  readonly nodeName: string;
  readonly clock: Pick<Clock, 'after'>;
  /** The Nodes are known, and this one still has no podCIDRs after `podCidrWaitMs`. */
  readonly onTimeout: (problem: string) => void;
}

/** kube-proxy waits as long, and exits then (pkg/proxy/node.go). */
const podCidrWaitMs = 300_000;

/** A sink that says `synced` of Nodes only once this node's object has podCIDRs (kube-proxy waits for them too). */
export function waitForPodCidrs(
  sink: SourceSink,
  { nodeName, clock, onTimeout }: PodCidrWait,
): { readonly sink: SourceSink; readonly stop: () => void } {
  let isSynced = false;
  let isKnown = false;
  let cancel = (): void => undefined;
  const hasPodCidrs = ({ event }: ObservedChange): boolean =>
    event.type === 'set' &&
    event.manifest.kind === 'Node' &&
    event.manifest.object.name === nodeName &&
    event.manifest.object.podCidrs.length > 0;
  const waiting: SourceSink = {
    ...sink,
    changed(changes) {
      sink.changed(changes);
      if (isKnown || !changes.some(hasPodCidrs)) return;
      isKnown = true;
      cancel();
      if (isSynced) sink.synced('Node');
    },
    synced(kind) {
      if (kind !== 'Node') return sink.synced(kind);
      if (isKnown) return sink.synced(kind);
      if (isSynced) return;
      isSynced = true;
      cancel = clock.after(podCidrWaitMs, () => onTimeout(timeoutProblem(nodeName)));
      const message = `waiting until Node ${nodeName} has podCIDRs, which detectLocalMode NodeCIDR needs`;
      sink.progress({ kind, severity: 'info', message });
    },
  };
  return { sink: waiting, stop: () => cancel() };
}

function timeoutProblem(nodeName: string): string {
  const problem = `Node ${nodeName} has no podCIDRs after ${podCidrWaitMs / 60_000} minutes`;
  const remedy = 'run the controller manager with --allocate-node-cidrs, or use another --detect-local-mode';
  return `${problem}, which detectLocalMode NodeCIDR needs: ${remedy}`;
}
