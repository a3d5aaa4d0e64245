import type { IpAddress } from '../../../src/core/model/address.ts';
import type { Protocol } from '../../../src/core/model/objects.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import { worlds } from './snapshot.ts';

interface Target {
  readonly destination: IpAddress;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Every kind of sender, on every kind of interface, to every frontend of a plan made in the small world. */
export function packetsOfPlan(plan: Plan): readonly Packet[] {
  const world = worlds[plan.family];
  const senders = [...world.nodeAddresses, ...world.endpoints, ...world.externalIps, ...world.strangers];
  return targetsOf(plan).flatMap((target) =>
    senders.flatMap((source) =>
      [{}, { inputInterface: 'eth0' }, { inputInterface: 'cbr0' }, { inputInterface: 'veth12' }].map((input) => ({
        ...target,
        ...input,
        source,
      })),
    ),
  );
}

function targetsOf(plan: Plan): readonly Target[] {
  const { nodeAddresses, strangers } = worlds[plan.family];
  const loopback = strangers.filter((address) => address === '127.0.0.1' || address === '::1');
  return plan.servicePorts
    .flat()
    .flatMap(({ id: { protocol }, port, frontends: { clusterIp, external, nodePort } }) => [
      ...(clusterIp === undefined ? [] : [{ destination: clusterIp, port, protocol }]),
      ...external.map(({ address }) => ({ destination: address, port, protocol })),
      ...(nodePort === undefined
        ? []
        : [...nodeAddresses, ...loopback].map((destination) => ({ destination, port: nodePort, protocol }))),
    ]);
}
