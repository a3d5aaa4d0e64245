/** Explains why a NodePort does not answer at the packet's destination. */
import type { IpAddress } from '../../model/address.ts';
import { cidrContains, loopbackBlocks } from '../../model/cidr.ts';
import { namespacedName, type ServicePort } from '../../model/objects.ts';
import { valuesIn } from '../../structures/shards.ts';
import { isLocalAddress } from '../../trace/host.ts';
import { findNodePort, indexPlan } from '../../trace/plan/frontend-index.ts';
import type { Case } from '../case.ts';
import type { PacketRemark } from '../explanation.ts';
import { remark } from './remark.ts';

/** Empty if no Service has this NodePort. The caller has checked that the destination does not serve it. */
export function askNodePort({ plan, packet, world }: Case): readonly PacketRemark[] {
  const { destination, port } = packet;
  const found = findNodePort(indexPlan(plan), packet);
  if (found === undefined) return wrongProtocol(world, packet);
  const what = `${port} is the NodePort of ${found.id.text}, but`;
  if (!isLocalAddress(destination, world.host)) return [elsewhere(what, destination)];
  const isLoopback = cidrContains(loopbackBlocks[plan.family], destination);
  return [isLoopback ? onLoopback(what, world) : notHere(what, destination)];
}

function elsewhere(what: string, destination: IpAddress): PacketRemark {
  return remark(
    'node-port-elsewhere',
    `${what} ${destination} is not a known address of this node (see --node-ip and the Node object)`,
  );
}

function onLoopback(what: string, { config }: Case['world']): PacketRemark {
  return remark(
    'node-port-on-loopback',
    `${what} not on loopback addresses: `,
    config.mode === 'nftables'
      ? 'nftables mode never answers there'
      : 'never for IPv6; for IPv4, --iptables-localhost-nodeports and --nodeport-addresses must allow it',
  );
}

function notHere(what: string, destination: IpAddress): PacketRemark {
  return remark('node-port-not-here', `${what} --nodeport-addresses does not include ${destination}`);
}

function wrongProtocol({ snapshot, host }: Case['world'], packet: Case['packet']): readonly PacketRemark[] {
  const { destination, port, protocol } = packet;
  if (!isLocalAddress(destination, host)) return [];
  const isAt = (each: ServicePort) => each.nodePort === port;
  const services = valuesIn(snapshot.services).filter(({ ports }) => ports.some(isAt));
  return services.map((service): PacketRemark => {
    const protocols = service.ports.filter(isAt).map((each) => each.protocol);
    const what = `${port} is the NodePort of ${namespacedName(service)}`;
    return remark('wrong-protocol', `${what} for ${protocols.join(' and ')}, not ${protocol}`);
  });
}
