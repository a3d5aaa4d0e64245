/** The frontends of service ports as values, and the destinations of packets to them. */
import { addressFromBits, type IpAddress, type IpFamily } from '../model/address.ts';
import { cidrContains, loopbackBlocks } from '../model/cidr.ts';
import type { ExternalAddress, Plan, ServicePortPlan } from '../model/plan.ts';
import type { ServiceFrontend } from './changes.ts';

/** A frontend of a plan with the sources that may use it. */
export interface OwnedFrontend {
  readonly frontend: ServiceFrontend;
  readonly allowedSources: ExternalAddress['allowedSources'];
}

/** What tells frontends apart, within a family. */
function frontendKey({ kind, address, port, protocol }: ServiceFrontend): string {
  return `${kind} ${address ?? ''} ${port} ${protocol}`;
}

/** All frontends of a Service's ports, by `frontendKey`. */
export function frontendsOf(ports: readonly ServicePortPlan[], plan: Plan): ReadonlyMap<string, OwnedFrontend> {
  const all = ports.flatMap((servicePort) => ownedFrontends(servicePort, plan));
  return new Map(all.map((owned) => [frontendKey(owned.frontend), owned]));
}

function ownedFrontends(servicePort: ServicePortPlan, { family }: Plan): readonly OwnedFrontend[] {
  const { frontends, port } = servicePort;
  const { protocol } = servicePort.id;
  const { clusterIp, external, nodePort } = frontends;
  const own = { family, port, protocol };
  return [
    ...(clusterIp === undefined
      ? []
      : [{ frontend: { kind: 'clusterIP', address: clusterIp, ...own } as const, allowedSources: undefined }]),
    ...external.map(({ kind, address, allowedSources }) => ({ frontend: { kind, address, ...own }, allowedSources })),
    ...(nodePort === undefined
      ? []
      : [{ frontend: { kind: 'nodePort', ...own, port: nodePort } as const, allowedSources: undefined }]),
  ];
}

/** The addresses that packets to a frontend can have as their destination. */
export function destinationsOf(
  { address, family }: ServiceFrontend,
  nodeAddresses: readonly IpAddress[],
): readonly IpAddress[] {
  return address === undefined ? [...nodeAddresses, loopbackAddresses[family]] : [address];
}

/** One of the block stands for all: no setting tells them apart. */
const loopbackAddresses: Readonly<Record<IpFamily, IpAddress>> = {
  IPv4: addressFromBits('IPv4', 0x7f000001n),
  IPv6: addressFromBits('IPv6', 1n),
};

/** Whether only the node itself can send to this address. */
export function isLoopback(address: IpAddress, { family }: Plan): boolean {
  return cidrContains(loopbackBlocks[family], address);
}
