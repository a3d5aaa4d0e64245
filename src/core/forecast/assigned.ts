/**
 * Fills in what the cluster assigns to a Service, as the API server does when a manifest is applied
 * (patchAllocatedValues, pkg/registry/core/service/storage): from the Service that is there, or with placeholders.
 */
import { get, isFields, type JsonFields, textIn } from '../manifest/value.ts';
import type { IpFamily } from '../model/address.ts';
import type { Change } from './changes.ts';
import { keyOf, portsOf, selectorOf, specOf, type WrittenPort } from './declared.ts';

export interface Filled {
  readonly json: JsonFields;
  /** What the cluster is still to assign. */
  readonly changes: readonly Change[];
}

/** Gives an address that stands for the one to be assigned. */
export type Placeholder = (family: IpFamily) => string;

/** `old`: the Service in the cluster, whose values stay. */
export function withAssigned(wanted: JsonFields, old: JsonFields | undefined, placeholder: Placeholder): Filled {
  const spec = specOf(wanted);
  const type = textIn(spec, 'type') || 'ClusterIP';
  if (type === 'ExternalName') return { json: wanted, changes: [] };
  const known = old === undefined || textIn(specOf(old), 'type') === 'ExternalName' ? undefined : old;
  const ips = clusterIps(spec, known, placeholder);
  const ports = type === 'ClusterIP' ? undefined : nodePorts(wanted, known);
  const ingress = type === 'LoadBalancer' ? statusOf(wanted, known) : {};
  return {
    json: {
      ...wanted,
      metadata: { ...ageOf(old), ...fieldsIn(wanted, 'metadata') },
      spec: { ...spec, ...ips.fields, ...healthCheckPort(spec, known), ...(ports === undefined ? {} : ports.fields) },
      ...ingress,
    },
    changes: [
      ...ips.changes,
      ...(old === undefined && selectorOf(wanted) !== 'none' ? [{ kind: 'assigned', what: 'endpoints' } as const] : []),
      ...(ports?.changes ?? []),
      ...(type === 'LoadBalancer' && Object.keys(ingress).length === 0 && !hasStatus(wanted)
        ? [{ kind: 'assigned', what: 'loadBalancerIP' } as const]
        : []),
    ],
  };
}

interface Part {
  readonly fields: JsonFields;
  readonly changes: readonly Change[];
}

const asWritten: Part = { fields: {}, changes: [] };

function clusterIps(spec: JsonFields, old: JsonFields | undefined, placeholder: Placeholder): Part {
  if (textIn(spec, 'clusterIP') !== '' || listIn(spec, 'clusterIPs').length > 0) return asWritten;
  const known = old === undefined ? {} : specOf(old);
  const kept = keptIps(spec, known);
  if (kept.length === 0 && old !== undefined) return asWritten;
  const wanted = wantedFamilies(spec, kept);
  const missing = wanted.filter((family) => !kept.some((ip) => familyOfText(ip) === family));
  const added = missing.map((family) => placeholder(family));
  const all = [...kept, ...added];
  return {
    fields: { clusterIP: all[0], clusterIPs: all, ipFamilies: all.map(familyOfText) },
    changes: added.map((address) => ({ kind: 'assigned', what: 'clusterIP', placeholder: address })),
  };
}

/** The cluster IPs that the Service has, without the second one where a single family is asked for. */
function keptIps(spec: JsonFields, known: JsonFields): readonly string[] {
  const list = listIn(known, 'clusterIPs').filter((ip) => typeof ip === 'string');
  const ips = list.length > 0 ? list : [textIn(known, 'clusterIP')].filter((ip) => ip !== '');
  return textIn(spec, 'ipFamilyPolicy') === 'SingleStack' ? ips.slice(0, 1) : ips;
}

/** Families without an address yet: PreferDualStack depends on the cluster, so that only a list of families counts. */
function wantedFamilies(spec: JsonFields, kept: readonly string[]): readonly IpFamily[] {
  if (kept[0] === 'None') return [];
  const listed = listIn(spec, 'ipFamilies').filter((family) => family === 'IPv4' || family === 'IPv6');
  if (listed.length > 0) return listed;
  const first = kept[0] === undefined ? 'IPv4' : familyOfText(kept[0]);
  return textIn(spec, 'ipFamilyPolicy') === 'RequireDualStack' ? [first, first === 'IPv4' ? 'IPv6' : 'IPv4'] : [first];
}

function familyOfText(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** A NodePort stays with its port, or with the name of its port where no other port has it. */
function nodePorts(wanted: JsonFields, old: JsonFields | undefined): Part {
  const before = old === undefined ? [] : portsOf(old);
  const written = portsOf(wanted);
  const used = new Set(written.map(nodePortOf));
  const changes: Change[] = [];
  const ports = written.map((port) => {
    const same = before.find((each) => keyOf(each.port) === keyOf(port.port));
    const named = before.find((each) => each.port.name === port.port.name);
    const found = [same, named].map((each) => (each === undefined ? 0 : nodePortOf(each)));
    const kept = nodePortOf(port) > 0 ? 0 : (found.find((each) => each > 0 && !used.has(each)) ?? 0);
    used.add(kept);
    if (kept > 0) return { ...port.fields, nodePort: kept };
    if (nodePortOf(port) === 0 && get(specOf(wanted), 'allocateLoadBalancerNodePorts') !== false) {
      changes.push({ kind: 'assigned', what: 'nodePort', port: port.port });
    }
    return port.fields;
  });
  // A port that cannot be read is left to the reader to refuse.
  return written.length === listIn(specOf(wanted), 'ports').length ? { fields: { ports }, changes } : asWritten;
}

function nodePortOf({ fields }: WrittenPort): number {
  const nodePort = get(fields, 'nodePort');
  return typeof nodePort === 'number' ? nodePort : 0;
}

function healthCheckPort(spec: JsonFields, old: JsonFields | undefined): JsonFields {
  const known = old === undefined ? undefined : get(specOf(old), 'healthCheckNodePort');
  const isOpen = textIn(spec, 'externalTrafficPolicy') === 'Local' && textIn(spec, 'type') === 'LoadBalancer';
  return known === undefined || !isOpen || get(spec, 'healthCheckNodePort') ? {} : { healthCheckNodePort: known };
}

/** Manifests do not set the status. */
function statusOf(wanted: JsonFields, old: JsonFields | undefined): JsonFields {
  if (old === undefined || hasStatus(wanted) || !hasStatus(old)) return {};
  return { status: get(old, 'status') };
}

function hasStatus(service: JsonFields): boolean {
  return listIn(fieldsIn(fieldsIn(service, 'status'), 'loadBalancer'), 'ingress').length > 0;
}

/** Of two claims of one address the older one wins. */
function ageOf(old: JsonFields | undefined): JsonFields {
  const created = old === undefined ? undefined : get(fieldsIn(old, 'metadata'), 'creationTimestamp');
  return created === undefined ? {} : { creationTimestamp: created };
}

function fieldsIn(fields: JsonFields, key: string): JsonFields {
  const value = get(fields, key);
  return isFields(value) ? value : {};
}

function listIn(fields: JsonFields, key: string): readonly unknown[] {
  const value = get(fields, key);
  return Array.isArray(value) ? value : [];
}
