/** Why a packet is for no frontend of a Service: what is there instead, and what may have been meant. */
import { familyOf, formatHostPort, type IpAddress } from '../model/address.ts';
import { cidrContains, loopbackBlocks } from '../model/cidr.ts';
import { namespacedName, type Service, type ServicePort } from '../model/objects.ts';
import { isLocalAddress } from '../trace/host.ts';
import { findNodePort, indexPlan } from '../trace/plan-index.ts';
import { acceptsNodePorts } from '../trace/plan-scene.ts';
import { describeAside } from './aside.ts';
import type { Case } from './case.ts';
import type { Remark } from './explanation.ts';
import { describePorts } from './resolve-destination.ts';
import { nearestAddresses } from './similar.ts';
import { findEndpoint, servicesAt } from './world.ts';

/** The first of these questions that has an answer. */
export function whyNoFrontend(asked: Case): readonly Remark[] {
  for (const ask of [askHealthCheck, askServices, askAside, askNodePort, askEndpoint, askUnused]) {
    const remarks = ask(asked);
    if (remarks.length > 0) return remarks;
  }
  const { destination } = asked.packet;
  return [{ code: 'unknown-address', text: `no Service in the input has the address ${destination}${nearest(asked)}` }];
}

function askHealthCheck({ plan, packet, world }: Case): readonly Remark[] {
  const check = plan.healthChecks.find(({ port }) => port === packet.port);
  if (check === undefined || packet.protocol !== 'TCP' || !isLocalAddress(packet.destination, world.host)) return [];
  const status = check.localEndpoints > 0 ? '200 while the proxy is healthy' : '503, as none is on this node';
  return [
    {
      code: 'health-check-port',
      text: `port ${check.port} is the healthCheckNodePort of ${check.namespace}/${check.name}: an HTTP server on the node answers ${status} (${check.localEndpoints} local endpoints)`,
    },
  ];
}

/** The address is a Service's, and the port is not, or not this Service's. */
function askServices({ world, packet }: Case): readonly Remark[] {
  const { destination, port, protocol } = packet;
  return servicesAt(world, destination).map((service): Remark => {
    const name = namespacedName(service);
    const { ports } = service;
    const claim = ports.find((each) => each.port === port && each.protocol === protocol);
    if (claim !== undefined) return lostClaim(name, destination, port);
    const others = ports.filter((each) => each.port === port);
    if (others.length > 0) {
      return {
        code: 'wrong-protocol',
        text: `${destination} is Service ${name}, whose port ${port} is ${others.map((each) => each.protocol).join(' and ')}, not ${protocol} (--proto says another one)`,
      };
    }
    return {
      code: 'wrong-port',
      text: `${destination} is Service ${name}, which has no port ${port}; it has ${describePorts(ports) || 'none'}${targetPortHint(service, world, port)}`,
    };
  });
}

function lostClaim(name: string, address: IpAddress, port: number): Remark {
  return {
    code: 'frontend-lost',
    text: `Service ${name} asks for ${formatHostPort(address, port)}, but another object has it (see frontend-conflict on standard error)`,
  };
}

/** People often take the port of the pods for the port of the Service. */
function targetPortHint(service: Service, { snapshot }: Case['world'], port: number): string {
  const slices = [...(snapshot.slices.get(namespacedName(service))?.values() ?? [])];
  const isPodPort = slices.some(({ ports }) => ports.some((each) => each.port === port));
  return isPodPort ? ` (${port} is the port of its pods)` : '';
}

function askAside({ world, packet }: Case): readonly Remark[] {
  return [...world.surroundings.services].flatMap(([name, { aside, clusterIps }]) =>
    aside !== undefined && clusterIps.includes(packet.destination) ? [describeAside(name, aside)] : [],
  );
}

/** The port is a NodePort, and the address does not answer NodePorts. */
function askNodePort({ plan, packet, world }: Case): readonly Remark[] {
  const { destination, port } = packet;
  const found = findNodePort(indexPlan(plan), packet);
  if (found !== undefined && !acceptsNodePorts(plan, destination, world.host)) {
    const service = found.id.text;
    if (!isLocalAddress(destination, world.host)) {
      return [
        {
          code: 'node-port-elsewhere',
          text: `${port} is the NodePort of ${service}, but ${destination} is not known as an address of this node (--node-ip and the Node object say which are)`,
        },
      ];
    }
    return [
      cidrContains(loopbackBlocks[plan.family], destination)
        ? onLoopback(port, service, world)
        : onOther(port, service, destination),
    ];
  }
  return wrongNodePortProtocol(world, packet);
}

function onLoopback(port: number, service: string, { config }: Case['world']): Remark {
  const why =
    config.mode === 'nftables'
      ? 'nftables mode does not answer NodePorts on loopback addresses'
      : 'IPv6 cannot, and for IPv4 --iptables-localhost-nodeports and --nodeport-addresses must allow it';
  return { code: 'node-port-on-loopback', text: `${port} is the NodePort of ${service}, but not on loopback: ${why}` };
}

function onOther(port: number, service: string, destination: IpAddress): Remark {
  return {
    code: 'node-port-not-here',
    text: `${port} is the NodePort of ${service}, but --nodeport-addresses does not have ${destination} among the addresses that answer`,
  };
}

function wrongNodePortProtocol(
  { snapshot, host }: Case['world'],
  { destination, port, protocol }: Case['packet'],
): readonly Remark[] {
  if (!isLocalAddress(destination, host)) return [];
  const isAt = (each: ServicePort) => each.nodePort === port;
  const services = [...snapshot.services.values()].filter(({ ports }) => ports.some(isAt));
  return services.map((service): Remark => {
    const protocols = service.ports.filter(isAt).map((each) => each.protocol);
    return {
      code: 'wrong-protocol',
      text: `${port} is the NodePort of ${namespacedName(service)} for ${protocols.join(' and ')}, not ${protocol}`,
    };
  });
}

function askEndpoint({ world, packet }: Case): readonly Remark[] {
  const found = findEndpoint(world, packet.destination);
  if (found === undefined) return [];
  return [
    {
      code: 'endpoint-itself',
      text: `${packet.destination} is an endpoint of ${found.service} itself: the packet goes there as it is, and Services have no part in it`,
    },
  ];
}

function askUnused(one: Case): readonly Remark[] {
  const { world, packet } = one;
  const block = [...world.snapshot.serviceCidrs.values()]
    .flatMap(({ cidrs }) => cidrs)
    .find((cidr) => cidrContains(cidr, packet.destination));
  if (block === undefined) return [];
  const effect = world.config.mode === 'nftables' ? 'it is dropped' : 'it goes wherever the routes lead';
  return [
    {
      code: 'unused-cluster-ip',
      text: `${packet.destination} is within the ServiceCIDR ${block}, but no Service has it, so ${effect}${nearest(one)}`,
    },
  ];
}

/** Known frontends with addresses that are close by. */
function nearest({ plan, packet }: Case): string {
  const owners = new Map<IpAddress, string>();
  for (const { id, frontends } of plan.servicePorts) {
    const addresses = [frontends.clusterIp, ...frontends.external.map(({ address }) => address)];
    for (const address of addresses) if (address !== undefined) owners.set(address, `${id.namespace}/${id.name}`);
  }
  if (familyOf(packet.destination) !== plan.family || owners.size === 0) return '';
  const list = nearestAddresses(packet.destination, owners.keys()).map((each) => `${each} (${owners.get(each) ?? ''})`);
  return `; the nearest that are known: ${list.join(', ')}`;
}
