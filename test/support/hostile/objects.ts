/**
 * Broken and hostile objects, for every stage that objects pass through. Each is one item of a List; next to it stand
 * good objects that must come out unchanged.
 */
import { clusterScoped } from './cluster-scoped.ts';
import { envelopes } from './envelopes.ts';
import { type HostileObject, hostileIndex } from './make.ts';
import { names } from './names.ts';
import { services } from './services.ts';
import { slices } from './slices.ts';

export type { HostileObject };
export { hostileIndex };

const goodService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'good', namespace: 'shop' },
  spec: { clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

const goodSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'good-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'good' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080 }],
  endpoints: [{ addresses: ['10.128.0.1'], nodeName: 'node-0' }],
};

/** The hostile object between a good Service and its good EndpointSlice. */
export function hostileList(hostile: HostileObject): unknown {
  return { apiVersion: 'v1', kind: 'List', items: [goodService, hostile.make(), goodSlice] };
}

/** Each must be named by a diagnostic with this code and field, and must do nothing else. */
export const hostileObjects: readonly HostileObject[] = [
  ...names,
  ...envelopes,
  ...services,
  ...slices,
  ...clusterScoped,
];
