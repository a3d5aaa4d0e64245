/** What is watched: which objects, at which paths, and how they are read. */

import type { Diagnostic } from '../../core/diagnostics.ts';
import { readEndpointSlice, readNode, readService, readServiceCidr } from '../../core/manifest/manifest.ts';
import { get, isFields, textIn } from '../../core/manifest/value.ts';
import type { Manifest } from '../../core/model/objects.ts';
import type { ObjectKind } from '../../core/snapshot/source.ts';

/** An object as it was read; neither manifest nor diagnostics when it is rightly ignored. */
export interface Reading {
  readonly manifest?: Manifest;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Resource {
  readonly kind: ObjectKind;
  /** As RBAC and messages call it: `services`. */
  readonly plural: string;
  readonly path: string;
  /** Selectors, as a query. */
  readonly selectors: Readonly<Record<string, string>>;
  /** Clusters without it, or without the right to read it, work as if there were none. */
  readonly isOptional: boolean;
  readonly read: (json: unknown) => Reading;
}

/** kube-proxy's selector: other objects are for other proxies, or for none. Slices have the labels of their Service. */
const forProxies = '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name';

/** Everything that shapes the rules of this node. */
export function resourcesOf(nodeName: string): readonly Resource[] {
  return [
    {
      kind: 'Service',
      plural: 'services',
      path: '/api/v1/services',
      selectors: { labelSelector: forProxies },
      isOptional: false,
      read: (json) => reading(readService(json), (object) => ({ kind: 'Service', object })),
    },
    {
      kind: 'EndpointSlice',
      plural: 'endpointslices.discovery.k8s.io',
      path: '/apis/discovery.k8s.io/v1/endpointslices',
      selectors: { labelSelector: forProxies },
      isOptional: false,
      read: (json) => reading(readEndpointSlice(json), (object) => ({ kind: 'EndpointSlice', object })),
    },
    {
      kind: 'Node',
      plural: 'nodes',
      path: '/api/v1/nodes',
      selectors: { fieldSelector: `metadata.name=${nodeName}` },
      isOptional: false,
      read: (json) => reading(readNode(json), (object) => ({ kind: 'Node', object })),
    },
    {
      kind: 'ServiceCIDR',
      plural: 'servicecidrs.networking.k8s.io',
      path: '/apis/networking.k8s.io/v1/servicecidrs',
      selectors: {},
      isOptional: true,
      read: (json) => reading(readServiceCidr(json), (object) => ({ kind: 'ServiceCIDR', object })),
    },
  ];
}

function reading<T>(
  { object, diagnostics }: { readonly object?: T; readonly diagnostics: readonly Diagnostic[] },
  wrap: (object: T) => Manifest,
): Reading {
  return object === undefined ? { diagnostics } : { manifest: wrap(object), diagnostics };
}

/** `namespace/name` or `name`, as the snapshot calls it. Not checked: only to be compared. Empty without a name. */
export function keyOf(kind: ObjectKind, json: unknown): string {
  const metadata = isFields(json) ? get(json, 'metadata') : undefined;
  const name = textIn(metadata, 'name');
  if (name === '' || kind === 'Node' || kind === 'ServiceCIDR') return name;
  return `${textIn(metadata, 'namespace') || 'default'}/${name}`;
}

export function versionOf(json: unknown): string {
  return textIn(isFields(json) ? get(json, 'metadata') : undefined, 'resourceVersion');
}
