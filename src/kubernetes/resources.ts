/** The kinds of objects that shape rules, and where the API server has them. */
import type { ObjectKind } from '../core/snapshot/source.ts';

export interface Resource {
  readonly kind: ObjectKind;
  readonly apiVersion: string;
  /** As RBAC and messages call it: `services`. */
  readonly plural: string;
  readonly path: string;
  /** Whether clusters without it, or without the right to read it, work as if there were none. */
  readonly isOptional: boolean;
}

export const allResources: Readonly<Record<ObjectKind, Resource>> = {
  Node: { kind: 'Node', apiVersion: 'v1', plural: 'nodes', path: '/api/v1/nodes', isOptional: false },
  Service: { kind: 'Service', apiVersion: 'v1', plural: 'services', path: '/api/v1/services', isOptional: false },
  EndpointSlice: {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    plural: 'endpointslices.discovery.k8s.io',
    path: '/apis/discovery.k8s.io/v1/endpointslices',
    isOptional: false,
  },
  ServiceCIDR: {
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    plural: 'servicecidrs.networking.k8s.io',
    path: '/apis/networking.k8s.io/v1/servicecidrs',
    isOptional: true,
  },
};
