/**
 * The baseline: Services in the layout of kube-proxy's nftables mode, with a chain for each service port and one for
 * each of its endpoints. Only the parts for cluster IPs.
 */
import type { ServicePortPlan } from '../../../src/core/model/plan.ts';
import { podCidr } from '../inputs.ts';

const table = 'ip kube-proxy';

/** A script for `nft -f` that makes the whole table. */
export function printChains(servicePorts: readonly ServicePortPlan[]): string {
  const verdicts = servicePorts.map((port) => `${frontendOf(port)} : goto ${serviceChain(port)}`);
  const own = servicePorts.flatMap((port) => [
    ...port.pools.cluster.map((endpoint) => `chain ${endpointChain(port, endpoint)} {\n${endpointRules(endpoint)}\n}`),
    `chain ${serviceChain(port)} {\n${serviceRules(port, port.pools.cluster).join('\n')}\n}`,
  ]);
  return `add table ${table}
delete table ${table}
table ${table} {
map service-ips {
type ipv4_addr . inet_proto . inet_service : verdict
elements = { ${verdicts.join(',\n')} }
}
chain mark-for-masquerade {
meta mark set mark or 0x4000
}
${own.join('\n')}
chain services {
ip daddr . meta l4proto . th dport vmap @service-ips
}
chain nat-prerouting {
type nat hook prerouting priority dstnat; policy accept;
jump services
}
chain nat-output {
type nat hook output priority -100; policy accept;
jump services
}
chain nat-postrouting {
type nat hook postrouting priority srcnat; policy accept;
mark and 0x4000 != 0 meta mark set mark xor 0x4000 masquerade fully-random
}
}
`;
}

/** A script that removes the first endpoint of a service port, or restores it. */
export function printChange(port: ServicePortPlan | undefined, change: 'remove' | 'add'): string {
  const [first, ...others] = port?.pools.cluster ?? [];
  if (port === undefined || first === undefined) throw new Error('no such service port, or one without endpoints');
  const [chain, gone] = [serviceChain(port), endpointChain(port, first)];
  const endpoints = change === 'remove' ? others : [first, ...others];
  const added = endpointRules(first)
    .split('\n')
    .map((rule) => `add rule ${table} ${gone} ${rule}\n`);
  return [
    ...(change === 'add' ? [`add chain ${table} ${gone}\n`, ...added] : []),
    `flush chain ${table} ${chain}\n`,
    ...serviceRules(port, endpoints).map((rule) => `add rule ${table} ${chain} ${rule}\n`),
    ...(change === 'remove' ? [`flush chain ${table} ${gone}\n`, `delete chain ${table} ${gone}\n`] : []),
  ].join('');
}

type Endpoint = ServicePortPlan['pools']['cluster'][number];

function serviceRules(port: ServicePortPlan, endpoints: readonly Endpoint[]): readonly string[] {
  const choices = endpoints.map((endpoint, slot) => `${slot} : goto ${endpointChain(port, endpoint)}`);
  const frontend = `ip daddr ${port.frontends.clusterIp} ${protocolOf(port)} dport ${port.port}`;
  return [
    `${frontend} ip saddr != ${podCidr} jump mark-for-masquerade`,
    `numgen random mod ${endpoints.length} vmap { ${choices.join(', ')} }`,
  ];
}

function endpointRules({ address, port }: Endpoint): string {
  return `ip saddr ${address} jump mark-for-masquerade\nmeta l4proto tcp dnat to ${address}:${port}`;
}

function frontendOf(port: ServicePortPlan): string {
  return `${port.frontends.clusterIp} . ${protocolOf(port)} . ${port.port}`;
}

/** Names in the style of kube-proxy, which begin with a hash. */
function serviceChain(port: ServicePortPlan): string {
  const { namespace, name, portName } = port.id;
  return `service-${namespace}/${name}/${protocolOf(port)}/${portName}`;
}

function endpointChain(port: ServicePortPlan, endpoint: Endpoint): string {
  return `endpoint-${serviceChain(port).slice('service-'.length)}__${endpoint.address}/${endpoint.port}`;
}

function protocolOf({ id }: ServicePortPlan): string {
  return id.protocol.toLowerCase();
}
