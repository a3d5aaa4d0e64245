/** Reads external IPs, load balancer IPs and source ranges of a Service. */
import { type Cidr, familyOf, type IpAddress, ipFamilies, type PerFamily } from '../../model/address.ts';
import { readCidr, readUnicast, readVirtualIp } from '../addresses.ts';
import { type Choice, readChoice, readInside, readItems, readText, unique, wrongType } from '../fields.ts';
import { complain, type ManifestProblem, type Report, within } from '../report.ts';
import { get, isFields, type JsonFields, none } from '../value.ts';

const ipModes: Choice<'VIP' | 'Proxy'> = { choices: ['VIP', 'Proxy'], effect: 'the address is left out' };

/** `spec.externalIPs`, with `report.at` at `spec`. */
export function readExternalIps(report: Report, spec: JsonFields): readonly IpAddress[] {
  return unique(readItems(report, spec, 'externalIPs', readUnicast));
}

/** The addresses of `status.loadBalancer.ingress` for which this node is the load balancer's last hop. */
export function readLoadBalancerIps(report: Report, json: JsonFields): readonly IpAddress[] {
  const addresses = readInside(report, json, 'status', (status) =>
    readInside(report, status, 'loadBalancer', (loadBalancer) =>
      readItems(report, loadBalancer, 'ingress', readIngress),
    ),
  );
  return unique(addresses ?? none);
}

function readIngress(report: Report, item: unknown): IpAddress | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with ip or hostname', value: item });
  const mode = readChoice(report, item, 'ipMode', ipModes);
  const text = readText(report, item, 'ip', '');
  // In mode Proxy packets arrive with another destination. An unknown mode must not expose anything.
  if (mode !== 'VIP' || text === undefined || text === '') return undefined;
  return within(report, 'ip', () => readVirtualIp(report, text));
}

export interface SourceRanges {
  readonly ranges: readonly Cidr[];
  /** The field says something, even if nothing of it is usable. */
  readonly given: boolean;
  readonly someInvalid: boolean;
}

/** `spec.loadBalancerSourceRanges`, with `report.at` at `spec`. */
export function readSourceRanges(report: Report, spec: JsonFields): SourceRanges {
  const value = get(spec, 'loadBalancerSourceRanges');
  const ranges = readItems(report, spec, 'loadBalancerSourceRanges', readSourceRange);
  const givenCount = Array.isArray(value) ? value.length : value === undefined ? 0 : 1;
  return { ranges: unique(ranges), given: givenCount > 0, someInvalid: ranges.length < givenCount };
}

/** White space around it is legal. */
function readSourceRange(report: Report, value: unknown): Cidr | undefined {
  return readCidr(report, typeof value === 'string' ? value.trim() : value);
}

/**
 * kube-proxy treats an IP family without a usable range as unrestricted, and so must we. A user who wrote a range did
 * not mean that, so it is reported.
 */
export function complainOpenAddresses(
  report: Report,
  {
    sourceRanges,
    loadBalancerIps,
    clusterIps,
  }: {
    readonly sourceRanges: SourceRanges;
    readonly loadBalancerIps: readonly IpAddress[];
    readonly clusterIps: PerFamily<IpAddress>;
  },
): void {
  if (!sourceRanges.given) return;
  for (const family of ipFamilies) {
    const open = loadBalancerIps.filter((address) => familyOf(address) === family);
    const hasRange = sourceRanges.ranges.some((range) => familyOf(range) === family);
    if (open.length === 0 || hasRange || clusterIps[family] === undefined) continue;
    const reason = sourceRanges.someInvalid ? 'no range that could be read' : 'no range';
    const more = open.length > 3 ? ` and ${open.length - 3} more` : '';
    const problem: ManifestProblem = {
      code: 'source-ranges-none-left',
      severity: sourceRanges.someInvalid ? 'error' : 'warning',
      key: 'loadBalancerSourceRanges',
      problem: `There is ${reason} for ${family}: ${open.slice(0, 3).join(', ')}${more} open to every source`,
      remedy: `Add a range for ${family}, or ${family === 'IPv4' ? '0.0.0.0/0' : '::/0'} if everyone may come in`,
      always: true,
    };
    within(report, 'spec', () => complain(report, problem));
  }
}
