/** Reads EndpointSlices. */
import type { IpFamily } from '../../model/address.ts';
import type { EndpointSlice, SlicePort } from '../../model/objects.ts';
import type { JsonPath } from '../../structures/json-path.ts';
import { type Choice, readChoice, readInteger, readItems, wrongType } from '../fields.ts';
import { isForOthers, readLabel, readMetadata } from '../metadata.ts';
import { readName } from '../names.ts';
import { type ReadResult, readObject } from '../object.ts';
import { complain, type ManifestProblem, type Report, within } from '../report.ts';
import { maxPort, protocols } from '../service/ports.ts';
import { get, isFields, type JsonFields } from '../value.ts';
import { readIpv4Endpoint, readIpv6Endpoint } from './endpoint.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

const addressTypes: Choice<IpFamily | 'FQDN'> = {
  choices: ['IPv4', 'IPv6', 'FQDN'],
  effect: 'the EndpointSlice is left out',
};

const portName = { syntax: 'label', absent: '' } as const;

/**
 * Reads a discovery.k8s.io/v1 EndpointSlice. Slices of headless Services and of domain names give neither object nor
 * diagnostics. `path` is where `json` is in the document, for the diagnostics.
 */
export function readEndpointSlice(json: unknown, path: JsonPath = []): ReadResult<EndpointSlice> {
  return readObject('EndpointSlice', json, path, readFieldsOfSlice);
}

function readFieldsOfSlice(report: Report, json: JsonFields): EndpointSlice | undefined {
  const metadata = readMetadata(report, json, 'subdomain');
  if (metadata === undefined || isForOthers(report, metadata.labels, 'EndpointSlice')) return undefined;
  const family = readAddressType(report, json);
  if (family === undefined || family === 'FQDN') return undefined;
  const serviceName = readServiceName(report, metadata.labels);
  if (serviceName === undefined) return undefined;
  return Object.freeze({
    namespace: metadata.namespace,
    name: metadata.name,
    serviceName,
    family,
    ports: readItems(report, json, 'ports', readPort),
    endpoints: readItems(report, json, 'endpoints', family === 'IPv4' ? readIpv4Endpoint : readIpv6Endpoint),
  });
}

function readAddressType(report: Report, json: JsonFields): IpFamily | 'FQDN' | undefined {
  const written = get(json, 'addressType');
  if (written !== undefined && written !== '') return readChoice(report, json, 'addressType', addressTypes);
  complain(report, {
    code: 'field-missing',
    key: 'addressType',
    problem: 'An EndpointSlice without addressType, so it is left out',
    remedy: 'Add addressType, IPv4 or IPv6',
  });
  return undefined;
}

function readServiceName(report: Report, labels: JsonFields): string | undefined {
  const name = readLabel(report, labels, serviceNameLabel, 'label');
  if (name !== '') return name;
  const problem: ManifestProblem = {
    code: 'service-name-missing',
    severity: 'warning',
    key: 'labels',
    problem: `An EndpointSlice without the label ${serviceNameLabel} belongs to no Service, so it is left out`,
    remedy: `Add the label ${serviceNameLabel} with the name of the Service`,
  };
  within(report, 'metadata', () => complain(report, problem));
  return undefined;
}

/** A port without a number stands for all ports, which no Service can use: it is skipped without a diagnostic. */
function readPort(report: Report, item: unknown): SlicePort | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with a port', value: item });
  const name = readName(report, item, 'name', portName);
  const protocol = readChoice(report, item, 'protocol', protocols);
  const port = readInteger(report, item, 'port', { min: 0, max: maxPort, absent: 0 });
  if (name === undefined || protocol === undefined || port === undefined || port === 0) return undefined;
  return { name, protocol, port };
}
