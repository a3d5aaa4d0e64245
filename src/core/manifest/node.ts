/** Reads Nodes: addresses, pod CIDRs, zone, and whether the machine is about to be removed. */
import type { Cidr, IpAddress } from '../model/address.ts';
import type { Node } from '../model/objects.ts';
import type { JsonPath } from '../structures/json-path.ts';
import { readCidr, readNodeAddress } from './addresses.ts';
import { readInside, readItems, readText, unique, wrongType } from './fields.ts';
import { readLabel, readMetadata } from './metadata.ts';
import { type ReadResult, readObject } from './object.ts';
import { type Report, within } from './report.ts';
import { get, isFields, type JsonFields, none, textIn } from './value.ts';

/** Reads a core/v1 Node. `path` is where `json` is in the document, for the diagnostics. */
export function readNode(json: unknown, path: JsonPath = []): ReadResult<Node> {
  return readObject('Node', json, path, readFieldsOfNode);
}

function readFieldsOfNode(report: Report, json: JsonFields): Node | undefined {
  const metadata = readMetadata(report, json, 'subdomain');
  if (metadata === undefined) return undefined;
  const zone = readLabel(report, metadata.labels, 'topology.kubernetes.io/zone', 'labelValue');
  return Object.freeze({
    name: metadata.name,
    addresses: readAddresses(report, json),
    podCidrs: readPodCidrs(report, json),
    ...(zone === undefined || zone === '' ? {} : { zone }),
    ...(isLeaving(report, json) ? { isLeaving: true as const } : {}),
  });
}

/** The cluster autoscaler gives this taint to a Node before it removes the machine. */
const leavingTaint = 'ToBeDeletedByClusterAutoscaler';

function isLeaving(report: Report, json: JsonFields): boolean {
  const metadata = get(json, 'metadata');
  if (isFields(metadata) && textIn(metadata, 'deletionTimestamp') !== '') return true;
  // readPodCidrs reports a `spec` that is not an object.
  const spec = get(json, 'spec');
  if (!isFields(spec)) return false;
  return within(report, 'spec', () => readItems(report, spec, 'taints', readTaint)).includes(leavingTaint);
}

/** The key of a taint. */
function readTaint(report: Report, item: unknown): string | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with key and effect', value: item });
  return textIn(item, 'key');
}

interface TypedAddress {
  readonly isInternal: boolean;
  readonly address: IpAddress;
}

function readAddresses(report: Report, json: JsonFields): readonly IpAddress[] {
  const all =
    readInside(report, json, 'status', (status) => readItems(report, status, 'addresses', readTypedAddress)) ?? none;
  const internal = all.filter((entry) => entry.isInternal);
  const external = all.filter((entry) => !entry.isInternal);
  return unique([...internal, ...external].map((entry) => entry.address));
}

function readTypedAddress(report: Report, item: unknown): TypedAddress | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with type and address', value: item });
  const type = readText(report, item, 'type', '');
  if (type !== 'InternalIP' && type !== 'ExternalIP') return undefined;
  const address = within(report, 'address', () => readNodeAddress(report, get(item, 'address')));
  return address === undefined ? undefined : { isInternal: type === 'InternalIP', address };
}

/** `podCIDR` counts only where there are no `podCIDRs`; the API keeps both in step. */
function readPodCidrs(report: Report, json: JsonFields): readonly Cidr[] {
  const cidrs = readInside(report, json, 'spec', (spec) => {
    const list = readItems(report, spec, 'podCIDRs', readCidr);
    const single = list.length === 0 ? readText(report, spec, 'podCIDR', '') : '';
    const cidr = single ? within(report, 'podCIDR', () => readCidr(report, single)) : undefined;
    return cidr === undefined ? unique(list) : [cidr];
  });
  return cidrs ?? none;
}
