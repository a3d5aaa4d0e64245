/** What is watched: which objects, and how they are read. */
import type { Diagnostic } from '../../core/diagnostics.ts';
import { readEndpointSlice, readNode, readService, readServiceCidr } from '../../core/manifest/manifest.ts';
import type { Manifest } from '../../core/model/objects.ts';
import { allResources, type Resource } from '../resources.ts';

/** An object as it was read; neither manifest nor diagnostics when it is rightly ignored. */
export interface ReadObject {
  readonly manifest?: Manifest;
  readonly diagnostics: readonly Diagnostic[];
}

/** A resource that is followed. */
export interface WatchedResource extends Resource {
  /** As a query. */
  readonly selectors: Readonly<Record<string, string>>;
  readonly read: (json: unknown) => ReadObject;
}

/** kube-proxy 1.36's selectors: Services of other proxies and headless ones are not watched. */
const proxiedServices = {
  labelSelector: '!service.kubernetes.io/service-proxy-name',
  fieldSelector: 'spec.clusterIP!=None',
};
const proxiedSlices = { labelSelector: '!service.kubernetes.io/headless' };

/** Everything that shapes the rules of this node. */
export function resourcesOf(nodeName: string): readonly WatchedResource[] {
  return [
    {
      ...allResources.Service,
      selectors: proxiedServices,
      read: (json) => asManifest(readService(json), (object) => ({ kind: 'Service', object })),
    },
    {
      ...allResources.EndpointSlice,
      selectors: proxiedSlices,
      read: (json) => asManifest(readEndpointSlice(json), (object) => ({ kind: 'EndpointSlice', object })),
    },
    {
      ...allResources.Node,
      selectors: { fieldSelector: `metadata.name=${nodeName}` },
      read: (json) => asManifest(readNode(json), (object) => ({ kind: 'Node', object })),
    },
    {
      ...allResources.ServiceCIDR,
      selectors: {},
      read: (json) => asManifest(readServiceCidr(json), (object) => ({ kind: 'ServiceCIDR', object })),
    },
  ];
}

function asManifest<T>(
  { object, diagnostics }: { readonly object?: T; readonly diagnostics: readonly Diagnostic[] },
  wrap: (object: T) => Manifest,
): ReadObject {
  return object === undefined ? { diagnostics } : { manifest: wrap(object), diagnostics };
}
