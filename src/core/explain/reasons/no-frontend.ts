/** Explains why a packet matches no frontend: what has that address, and what the user may have meant. */
import { familyOf, type IpAddress } from '../../model/address.ts';
import { cidrContains, loopbackBlocks } from '../../model/cidr.ts';
import { namespacedName, type Service, type ServicePort } from '../../model/objects.ts';
import { findIn } from '../../structures/shards.ts';
import { isLocalAddress } from '../../trace/host.ts';
import type { Case } from '../case.ts';
import type { PacketRemark } from '../explanation.ts';
import { describePorts } from '../ports.ts';
import { nearestAddresses } from '../similar.ts';
import { findEndpoint, servicesAt } from '../world.ts';
import { describeAside } from './aside.ts';
import { askNodePort } from './no-node-port.ts';
import { remark } from './remark.ts';

/** The reasons of the first check that has any. */
export function whyNoFrontend(asked: Case): readonly PacketRemark[] {
  for (const ask of [askHealthCheck, askServices, askAside, askNodePort, askEndpoint, askUnused]) {
    const remarks = ask(asked);
    if (remarks.length > 0) return remarks;
  }
  const { destination } = asked.packet;
  return [remark('unknown-address', `no known Service has the address ${destination}${nearest(asked)}`)];
}

function askHealthCheck({ plan, packet, world }: Case): readonly PacketRemark[] {
  const check = plan.healthChecks.find(({ port }) => port === packet.port);
  if (check === undefined || packet.protocol !== 'TCP' || !isLocalAddress(packet.destination, world.host)) return [];
  const { port, localEndpoints } = check;
  const status = localEndpoints > 0 ? '200 while the proxy is healthy' : '503';
  return [
    remark(
      'health-check-port',
      `port ${port} is the healthCheckNodePort of ${namespacedName(check)}: `,
      `an HTTP server on the node answers ${status} (local endpoints: ${localEndpoints})`,
    ),
  ];
}

/** The address is a Service's, and the port is not, or not this Service's. */
function askServices({ world, packet }: Case): readonly PacketRemark[] {
  const { destination, port, protocol } = packet;
  return servicesAt(world, destination).map((service): PacketRemark => {
    const { ports } = service;
    const [ofNumber, name] = [ports.filter((each) => each.port === port), namespacedName(service)];
    if (ofNumber.some((each) => each.protocol === protocol)) return noClusterIp(name, destination);
    if (ofNumber.length > 0) return wrongProtocol(name, packet, ofNumber);
    return remark(
      'wrong-port',
      `${destination} is Service ${name}, which has no port ${port}; it has ${describePorts(ports) || 'none'}`,
      targetPortHint(service, world, port),
    );
  });
}

/** The Service has the address and the port, but still no frontend. */
function noClusterIp(name: string, address: IpAddress): PacketRemark {
  return remark(
    'no-cluster-ip-of-family',
    `Service ${name} has the address ${address}, but no ${familyOf(address)} cluster IP, `,
    'so it has no frontends of this family',
  );
}

function wrongProtocol(name: string, { destination, port, protocol }: Case['packet'], ports: readonly ServicePort[]) {
  const others = ports.map((each) => each.protocol).join(' and ');
  return remark(
    'wrong-protocol',
    `${destination} is Service ${name}, whose port ${port} is ${others}, not ${protocol} (choose it with --proto)`,
  );
}

/** Users often confuse the port of the pods with the port of the Service. */
function targetPortHint(service: Service, { snapshot }: Case['world'], port: number): string {
  const slices = [...(findIn(snapshot.slices, namespacedName(service))?.values() ?? [])];
  const isPodPort = slices.some(({ ports }) => ports.some((each) => each.port === port));
  return isPodPort ? `; ${port} is the port of its pods` : '';
}

function askAside({ world, packet }: Case): readonly PacketRemark[] {
  return [...world.clusterFacts.services].flatMap(([name, { aside, clusterIps }]) =>
    aside !== undefined && clusterIps.includes(packet.destination) ? [describeAside(name, aside)] : [],
  );
}

function askEndpoint({ world, packet }: Case): readonly PacketRemark[] {
  const found = findEndpoint(world, packet.destination);
  if (found === undefined) return [];
  return [
    remark(
      'endpoint-itself',
      `${packet.destination} is an endpoint of ${found.service}: `,
      'the packet goes there directly, not through a Service',
    ),
  ];
}

function askUnused(asked: Case): readonly PacketRemark[] {
  const { world, packet } = asked;
  const { destination } = packet;
  if (cidrContains(loopbackBlocks[familyOf(destination)], destination)) {
    return [remark('loopback', `${destination} is this node itself, not a Service`)];
  }
  const block = [...world.snapshot.serviceCidrs.values()]
    .flatMap(({ cidrs }) => cidrs)
    .find((cidr) => cidrContains(cidr, destination));
  if (block === undefined) return [];
  const effect = world.config.mode === 'nftables' ? 'it is dropped' : 'it follows the routing table';
  return [
    remark(
      'unused-cluster-ip',
      `${destination} is in the ServiceCIDR ${block}, but no Service has it, so ${effect}${nearest(asked)}`,
    ),
  ];
}

/** Known frontends with the nearest addresses. */
function nearest({ plan, packet }: Case): string {
  const owners = new Map<IpAddress, string>();
  for (const { id, frontends } of plan.servicePorts.flat()) {
    const addresses = [frontends.clusterIp, ...frontends.external.map(({ address }) => address)];
    for (const address of addresses) if (address !== undefined) owners.set(address, namespacedName(id));
  }
  if (owners.size === 0) return '';
  const list = nearestAddresses(packet.destination, owners.keys()).map((each) => `${each} (${owners.get(each) ?? ''})`);
  return `; the nearest known ones: ${list.join(', ')}`;
}
