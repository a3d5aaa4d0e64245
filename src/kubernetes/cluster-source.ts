/** The watched API server as a source of objects. */
import type { ObjectSource, SourceSink } from '../core/snapshot/source.ts';
import type { Cluster } from './cluster.ts';
import { reflect } from './reflect/reflector.ts';
import { resourcesOf } from './reflect/resources.ts';

/** Services, EndpointSlices, ServiceCIDRs and the Node of this name. */
export function createClusterSource(cluster: Cluster, nodeName: string): ObjectSource {
  const resources = resourcesOf(nodeName);
  return {
    kinds: resources.map(({ kind }) => kind),
    start: (sink) => {
      const ending = new AbortController();
      const guarded = untilAborted(sink, ending.signal);
      const reflectors = resources.map((resource) => reflect(resource, cluster, guarded, ending.signal));
      return {
        stop: async () => {
          ending.abort();
          await Promise.all(reflectors);
        },
      };
    },
  };
}

function untilAborted(sink: SourceSink, signal: AbortSignal): SourceSink {
  return {
    changed: (changes) => signal.aborted || sink.changed(changes),
    diagnosed: (...args) => signal.aborted || sink.diagnosed(...args),
    synced: (kind) => signal.aborted || sink.synced(kind),
    progress: (progress) => signal.aborted || sink.progress(progress),
  };
}
