/**
 * Facts that answers need and rules do not, so the model does not keep them: Services without rules by design,
 * selectors, and Pods. They are read from the raw objects again for each question, so the daemon does not store them.
 */
import type { FoundObject } from '../manifest/manifest.ts';
import { isHeadless } from '../manifest/service/cluster-ips.ts';
import { get, isFields, type JsonFields, textIn } from '../manifest/value.ts';
import { type IpAddress, parseIpAddress } from '../model/address.ts';

export interface ClusterFacts {
  /** All Services by `namespace/name`. */
  readonly services: ReadonlyMap<string, ServiceFacts>;
  /** Pods by `namespace/name`. */
  readonly pods: ReadonlyMap<string, PodFacts>;
}

export interface ServiceFacts {
  /** Why it has no rules; absent for Services with rules. */
  readonly aside?: Aside;
  readonly clusterIps: readonly string[];
  /** `app=web,tier=front`; absent if the Service has none. */
  readonly selector?: string;
}

export type Aside =
  | { readonly kind: 'headless' }
  | { readonly kind: 'externalName'; readonly host: string }
  | { readonly kind: 'otherProxy'; readonly label: string; readonly value: string };

export interface PodFacts {
  readonly addresses: readonly IpAddress[];
  readonly node: string;
  readonly hostNetwork: boolean;
}

export const noClusterFacts: ClusterFacts = { services: new Map(), pods: new Map() };

/** From all objects of the inputs. Never throws; malformed objects are skipped. */
export function readClusterFacts(objects: readonly FoundObject[]): ClusterFacts {
  const services = new Map<string, ServiceFacts>();
  const pods = new Map<string, PodFacts>();
  for (const { kind, json } of objects) {
    if (!isFields(json)) continue;
    const metadata = get(json, 'metadata');
    const key = `${textIn(metadata, 'namespace') || 'default'}/${textIn(metadata, 'name')}`;
    if (kind === 'Service' && !services.has(key)) services.set(key, serviceFacts(json));
    if (kind === 'Pod' && !pods.has(key)) pods.set(key, podFacts(json));
  }
  return { services, pods };
}

const proxyLabel = 'service.kubernetes.io/service-proxy-name';

function serviceFacts(service: JsonFields): ServiceFacts {
  const spec = fieldsIn(service, 'spec');
  const clusterIps = textsIn(spec, 'clusterIPs');
  const first = textIn(spec, 'clusterIP');
  const selector = Object.entries(fieldsIn(spec, 'selector')).map(([key, value]) => `${key}=${String(value)}`);
  const aside = asideOf(service, spec);
  return {
    ...(aside === undefined ? {} : { aside }),
    clusterIps: clusterIps.length > 0 || first === '' ? clusterIps : [first],
    ...(selector.length === 0 ? {} : { selector: selector.join(',') }),
  };
}

function asideOf(service: JsonFields, spec: JsonFields): Aside | undefined {
  const labels = fieldsIn(fieldsIn(service, 'metadata'), 'labels');
  if (Object.hasOwn(labels, proxyLabel)) {
    return { kind: 'otherProxy', label: proxyLabel, value: String(labels[proxyLabel]) };
  }
  if (textIn(spec, 'type') === 'ExternalName') return { kind: 'externalName', host: textIn(spec, 'externalName') };
  return isHeadless(spec) ? { kind: 'headless' } : undefined;
}

function podFacts(pod: JsonFields): PodFacts {
  const spec = fieldsIn(pod, 'spec');
  const status = fieldsIn(pod, 'status');
  const list = get(status, 'podIPs');
  const texts = [...(Array.isArray(list) ? list.map((each) => textIn(each, 'ip')) : []), textIn(status, 'podIP')];
  const addresses = texts.map(parseIpAddress).filter((address) => address !== undefined);
  return {
    addresses: [...new Set(addresses)],
    node: textIn(spec, 'nodeName'),
    hostNetwork: get(spec, 'hostNetwork') === true,
  };
}

function fieldsIn(fields: JsonFields, key: string): JsonFields {
  const value = get(fields, key);
  return isFields(value) ? value : {};
}

function textsIn(fields: JsonFields, key: string): readonly string[] {
  const value = get(fields, key);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
