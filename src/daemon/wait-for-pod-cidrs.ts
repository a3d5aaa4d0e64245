/** Local detection by the Node's podCIDRs needs them: nothing is programmed before the Node has some. */
import type { ObservedChange, SourceSink } from '../core/snapshot/source.ts';

/** A sink that says `synced` of Nodes only once this node's object has podCIDRs (kube-proxy waits for them too). */
export function waitForPodCidrs(sink: SourceSink, nodeName: string): SourceSink {
  let isSynced = false;
  let isKnown = false;
  const hasPodCidrs = ({ event }: ObservedChange): boolean =>
    event.type === 'set' &&
    event.manifest.kind === 'Node' &&
    event.manifest.object.name === nodeName &&
    event.manifest.object.podCidrs.length > 0;
  return {
    ...sink,
    changed(changes) {
      sink.changed(changes);
      if (isKnown || !changes.some(hasPodCidrs)) return;
      isKnown = true;
      if (isSynced) sink.synced('Node');
    },
    synced(kind) {
      if (kind !== 'Node') return sink.synced(kind);
      isSynced = true;
      if (isKnown) return sink.synced(kind);
      const message = `waiting until Node ${nodeName} has podCIDRs, which detectLocalMode NodeCIDR goes by`;
      sink.progress({ kind, severity: 'info', message });
    },
  };
}
