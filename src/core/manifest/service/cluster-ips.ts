/** Reads the cluster IPs of a Service: `spec.clusterIP`, `spec.clusterIPs` and `spec.ipFamilies`. */
import { familyOf, type IpAddress, type IpFamily, ipFamilies, type PerFamily } from '../../model/address.ts';
import { quote } from '../../structures/safe-text.ts';
import { readVirtualIp } from '../addresses.ts';
import { readItems, readList, readText, wrongType } from '../fields.ts';
import { complain, type Report } from '../report.ts';
import { describeValue, get, type JsonFields } from '../value.ts';

/** Whether the Service asks for no cluster IP at all. */
export function isHeadless(spec: JsonFields): boolean {
  const list = get(spec, 'clusterIPs');
  return get(spec, 'clusterIP') === 'None' || (Array.isArray(list) && list[0] === 'None');
}

/**
 * The cluster IPs by family, with `report.at` at `spec`. Undefined when none is left, which has been reported.
 * Families come from `ipFamilies` by index, as in kube-proxy, or from the addresses where that is absent.
 */
export function readClusterIps(report: Report, spec: JsonFields): PerFamily<IpAddress> | undefined {
  const single = readText(report, spec, 'clusterIP', '');
  const list = readList(report, spec, 'clusterIPs');
  if (single === undefined || list === undefined) return undefined;
  if (list.length === 0 && single === '') return complainMissing(report);
  if (list.length > 0 && single !== '' && list[0] !== single) complainMismatch(report, single, list[0]);
  const families = readItems(report, spec, 'ipFamilies', readFamily);
  const picked: { IPv4?: IpAddress; IPv6?: IpAddress } = {};
  const values = list.length > 0 ? list : [single];
  for (const [index, value] of values.entries()) {
    const depth = report.at.length;
    report.at.push(...(list.length > 0 ? ['clusterIPs', index] : ['clusterIP']));
    const address = readVirtualIp(report, value);
    const family = address === undefined ? undefined : familyOf(address);
    if (family !== undefined && isExpected(report, { family, families, index, taken: picked[family] })) {
      picked[family] = address as IpAddress;
    }
    report.at.length = depth;
  }
  return ipFamilies.some((family) => picked[family] !== undefined) ? picked : undefined;
}

/** One entry of `ipFamilies`; a bad one keeps its place, because places are what counts. */
function readFamily(report: Report, value: unknown): IpFamily | 'unknown' {
  const family = ipFamilies.find((candidate) => candidate === value);
  if (family !== undefined) return family;
  if (typeof value !== 'string') {
    wrongType(report, { expected: 'the text IPv4 or IPv6', value });
  } else {
    complain(report, {
      code: 'value-unknown',
      problem: `${quote(value)} is none of IPv4, IPv6`,
      remedy: 'Use one of IPv4, IPv6',
    });
  }
  return 'unknown';
}

function isExpected(
  report: Report,
  cluster: {
    readonly family: IpFamily;
    readonly families: readonly (IpFamily | 'unknown')[];
    readonly index: number;
    readonly taken: IpAddress | undefined;
  },
): boolean {
  const { family, families, index, taken } = cluster;
  if (families.length > 0 && families[index] !== family) {
    complain(report, {
      code: 'address-family',
      problem: `The address is ${family}, but spec.ipFamilies[${index}] is ${families[index] ?? 'absent'}`,
      remedy: 'Give spec.clusterIPs and spec.ipFamilies the same families in the same order',
    });
    return false;
  }
  if (taken !== undefined) {
    complain(report, {
      code: 'family-surplus',
      problem: `A second ${family} address; ${taken} is used`,
      remedy: 'Keep one address for each IP family',
    });
    return false;
  }
  return true;
}

function complainMissing(report: Report): undefined {
  complain(report, {
    code: 'cluster-ip-missing',
    severity: 'warning',
    key: 'clusterIP',
    problem: 'The Service has no cluster IP yet, so there are no rules for it',
    remedy: 'Take the object from the cluster with kubectl get -o yaml, or add spec.clusterIP',
    always: true,
  });
  return undefined;
}

function complainMismatch(report: Report, single: string, first: unknown): void {
  complain(report, {
    code: 'cluster-ip-mismatch',
    severity: 'warning',
    key: 'clusterIP',
    problem: `spec.clusterIP is ${quote(single)}, but spec.clusterIPs[0], which counts, is ${describeValue(first)}`,
    remedy: 'Make both the same, or remove spec.clusterIPs',
  });
}
