/** Which objects shape rules, by kind and apiVersion. */
import type { Manifest } from '../model/objects.ts';

export type KnownKind = Manifest['kind'];

interface KindFacts {
  readonly apiVersion: string;
  readonly namespaced: boolean;
}

const facts: Readonly<Record<KnownKind, KindFacts>> = {
  Service: { apiVersion: 'v1', namespaced: true },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', namespaced: true },
  Node: { apiVersion: 'v1', namespaced: false },
  ServiceCIDR: { apiVersion: 'networking.k8s.io/v1', namespaced: false },
};

const kindsByName: ReadonlyMap<string, KnownKind> = new Map(
  (Object.keys(facts) as KnownKind[]).map((kind) => [kind, kind] as const),
);

/** `kind` when it is one that shapes rules. */
export function knownKind(kind: string): KnownKind | undefined {
  return kindsByName.get(kind);
}

/** The kind of the items of a list kind such as `ServiceList`, when that shapes rules. */
export function itemKind(listKind: string): KnownKind | undefined {
  return listKind.endsWith('List') ? kindsByName.get(listKind.slice(0, -'List'.length)) : undefined;
}

/** Lists have the version of their items; a plain `List`, of anything, has the core version. */
export function apiVersionOf(kind: KnownKind | undefined): string {
  return kind === undefined ? 'v1' : facts[kind].apiVersion;
}

export function isNamespaced(kind: KnownKind): boolean {
  return facts[kind].namespaced;
}

/**
 * Whether the apiVersion belongs to a custom resource that only shares the name of a kind, as Knative's
 * `serving.knative.dev/v1` Service does. Groups of Kubernetes itself have no dot or end in `.k8s.io`.
 */
export function isOtherGroup(apiVersion: unknown): boolean {
  if (typeof apiVersion !== 'string') return false;
  const group = apiVersion.slice(0, Math.max(apiVersion.indexOf('/'), 0));
  return group.includes('.') && !group.endsWith('.k8s.io');
}
