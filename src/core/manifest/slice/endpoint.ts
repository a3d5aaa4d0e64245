/** Reads one endpoint of an EndpointSlice: address, conditions, node and topology hints. */
import { familyOf, type IpAddress, type IpFamily } from '../../model/address.ts';
import type { SliceEndpoint } from '../../model/objects.ts';
import { readUnicast } from '../addresses.ts';
import { readFields, readFlag, readItems, readList, unique, wrongType } from '../fields.ts';
import { readName } from '../names.ts';
import { complain, type Report } from '../report.ts';
import { isFields, type JsonFields, noFields, none } from '../value.ts';

const nodeNameSyntax = { syntax: 'subdomain', absent: undefined } as const;
const hintedNode = { syntax: 'subdomain', absent: '' } as const;
const hintedZone = { syntax: 'labelValue', absent: '' } as const;

export function readIpv4Endpoint(report: Report, item: unknown): SliceEndpoint | undefined {
  return readEndpoint(report, item, 'IPv4');
}

export function readIpv6Endpoint(report: Report, item: unknown): SliceEndpoint | undefined {
  return readEndpoint(report, item, 'IPv6');
}

function readEndpoint(report: Report, item: unknown, family: IpFamily): SliceEndpoint | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with addresses', value: item });
  const address = readFirstAddress(report, item, family);
  const conditions = readConditions(report, item);
  const nodeName = readName(report, item, 'nodeName', nodeNameSyntax);
  const hints = readFields(report, item, 'hints') ?? noFields;
  if (address === undefined || conditions === undefined) return undefined;
  const { ready, serving, terminating } = conditions;
  const zoneHints = readHints(report, hints, 'forZones', readZoneHint);
  const nodeHints = readHints(report, hints, 'forNodes', readNodeHint);
  return nodeName === undefined
    ? { address, ready, serving, terminating, zoneHints, nodeHints }
    : { address, ready, serving, terminating, nodeName, zoneHints, nodeHints };
}

/** Only the first address counts, as in kube-proxy; the API allows more. */
function readFirstAddress(report: Report, endpoint: JsonFields, family: IpFamily): IpAddress | undefined {
  const list = readList(report, endpoint, 'addresses');
  if (list === undefined) return undefined;
  if (list.length === 0) {
    complain(report, {
      code: 'field-missing',
      key: 'addresses',
      problem: 'An endpoint without an address is left out',
      remedy: 'Give the endpoint one address',
    });
    return undefined;
  }
  report.at.push('addresses', 0);
  const address = readUnicast(report, list[0]);
  const fits = address === undefined || familyOf(address) === family;
  if (!fits) {
    complain(report, {
      code: 'address-family',
      problem: `${address} is not ${family}, the addressType of its EndpointSlice`,
      remedy: 'Put endpoints of the other family into an EndpointSlice of their own',
    });
  }
  report.at.length -= 2;
  return fits ? address : undefined;
}

type Conditions = Pick<SliceEndpoint, 'ready' | 'serving' | 'terminating'>;

/** An endpoint whose conditions cannot be read is left out: whether it takes traffic is unknown. */
function readConditions(report: Report, endpoint: JsonFields): Conditions | undefined {
  const conditions = readFields(report, endpoint, 'conditions');
  if (conditions === undefined) return undefined;
  report.at.push('conditions');
  const ready = readFlag(report, conditions, 'ready', true);
  // discovery/v1 of 1.36: "a nil value should be interpreted as true", also beside a `ready` that is false.
  const serving = readFlag(report, conditions, 'serving', true);
  const terminating = readFlag(report, conditions, 'terminating', false);
  report.at.pop();
  if (ready === undefined || serving === undefined || terminating === undefined) return undefined;
  return { ready, serving, terminating };
}

function readHints(
  report: Report,
  hints: JsonFields,
  key: string,
  read: (report: Report, item: unknown) => string | undefined,
): readonly string[] {
  if (hints === noFields) return none;
  report.at.push('hints');
  const names = unique(readItems(report, hints, key, read));
  report.at.pop();
  return names;
}

function readZoneHint(report: Report, item: unknown): string | undefined {
  return readHint(report, item, hintedZone);
}

function readNodeHint(report: Report, item: unknown): string | undefined {
  return readHint(report, item, hintedNode);
}

function readHint(report: Report, item: unknown, syntax: typeof hintedZone | typeof hintedNode): string | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with a name', value: item });
  const name = readName(report, item, 'name', syntax);
  if (name !== '') return name;
  complain(report, {
    code: 'field-missing',
    key: 'name',
    problem: 'A hint without a name is left out',
    remedy: 'Give the hint a name',
  });
  return undefined;
}
