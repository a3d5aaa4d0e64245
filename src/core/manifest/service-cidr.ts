/** Reads ServiceCIDRs: the blocks from which cluster IPs are taken. */
import { type Cidr, familyOf, type IpFamily } from '../model/address.ts';
import type { ServiceCidr } from '../model/objects.ts';
import type { JsonPath } from '../structures/json-path.ts';
import { readCidr } from './addresses.ts';
import { readInside, readItems } from './fields.ts';
import { readMetadata } from './metadata.ts';
import { type ReadResult, readObject } from './object.ts';
import { complain, type Report } from './report.ts';
import { get, type JsonFields, none } from './value.ts';

/** Reads a networking.k8s.io/v1 ServiceCIDR. `path` is where `json` is in the document, for the diagnostics. */
export function readServiceCidr(json: unknown, path: JsonPath = []): ReadResult<ServiceCidr> {
  return readObject('ServiceCIDR', json, path, readFieldsOfServiceCidr);
}

function readFieldsOfServiceCidr(report: Report, json: JsonFields): ServiceCidr | undefined {
  const metadata = readMetadata(report, json, 'subdomain');
  const cidrs = readInside(report, json, 'spec', (spec) => (metadata === undefined ? none : readCidrs(report, spec)));
  if (metadata === undefined || cidrs === undefined || cidrs.length === 0) return undefined;
  return Object.freeze({ name: metadata.name, cidrs });
}

/** One block of each family at most, as the API allows. */
function readCidrs(report: Report, spec: JsonFields): readonly Cidr[] {
  const written = get(spec, 'cidrs');
  if (written === undefined || (Array.isArray(written) && written.length === 0)) {
    complain(report, {
      code: 'field-missing',
      key: 'cidrs',
      problem: 'A ServiceCIDR without blocks is left out',
      remedy: 'Add one CIDR block, or one of each IP family, to spec.cidrs',
    });
  }
  const families = new Set<IpFamily>();
  return readItems(report, spec, 'cidrs', (_, item) => {
    const cidr = readCidr(report, item);
    if (cidr === undefined || !families.has(familyOf(cidr))) {
      if (cidr !== undefined) families.add(familyOf(cidr));
      return cidr;
    }
    complain(report, {
      code: 'family-surplus',
      problem: `${cidr} is a second block of family ${familyOf(cidr)}`,
      remedy: 'Keep one block of each IP family, and put others into a ServiceCIDR of their own',
    });
    return undefined;
  });
}
