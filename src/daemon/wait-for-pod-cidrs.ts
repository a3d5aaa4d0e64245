/** Local detection by the Node's podCIDRs has nothing to go by before the Node has some: then everybody waits for them. */
import type { SourceSink } from '../core/snapshot/source.ts';

/** A sink that says `synced` of Nodes only once this node's object has podCIDRs (kube-proxy waits for them too). */
export function waitForPodCidrs(sink: SourceSink, nodeName: string): SourceSink {
  let isSynced = false;
  let isKnown = false;
  return {
    ...sink,
    changed(changes) {
      isKnown ||= changes.some(
        ({ event }) =>
          event.type === 'set' &&
          event.manifest.kind === 'Node' &&
          event.manifest.object.name === nodeName &&
          event.manifest.object.podCidrs.length > 0,
      );
      sink.changed(changes);
      if (isKnown && isSynced) sink.synced('Node');
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
