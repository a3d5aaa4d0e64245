/** Packets that have a chance to mean something to a random cluster. */
import fc from 'fast-check';
import type { IpAddress, IpFamily } from '../../../src/core/model/address.ts';
import type { Packet, TraceHost } from '../../../src/core/model/packet.ts';
import { nodePortNumbers, protocols, servicePortNumbers, worlds } from './snapshot.ts';

/** The node that the packets meet: it has the world's addresses, whatever its Node object says. */
export function hostOf(family: IpFamily): TraceHost {
  return { addresses: worlds[family].nodeAddresses };
}

/** Any packet of the small world: from anyone, to anything, arriving or sent by the node itself. */
export function arbitraryPacket(family: IpFamily): fc.Arbitrary<Packet> {
  const world = worlds[family];
  const everyone: readonly IpAddress[] = [
    ...world.nodeAddresses,
    ...world.endpoints,
    ...world.externalIps,
    ...world.strangers,
  ];
  const destinations = [...world.clusterIps, ...world.clusterIps, ...everyone];
  return fc
    .record({
      source: fc.constantFrom(...everyone),
      destination: fc.constantFrom(...destinations),
      protocol: fc.constantFrom(...protocols),
      port: fc.constantFrom(...servicePortNumbers, ...nodePortNumbers, 32000, 8080, 1234),
      inputInterface: fc.constantFrom(undefined, 'eth0', 'cbr0', 'veth12'),
      remembered: fc.constantFrom(
        undefined,
        undefined,
        ...world.endpoints.map((address) => `${bracketed(address)}:8080`),
      ),
      ctState: fc.constantFrom(...ctStates),
    })
    .map(({ inputInterface, remembered, ctState, ...packet }) => ({
      ...packet,
      ...(inputInterface === undefined ? {} : { inputInterface }),
      ...(remembered === undefined ? {} : { remembered }),
      ...(ctState === undefined ? {} : { ctState }),
    }));
}

/** Most packets open a connection. */
const ctStates = [undefined, undefined, undefined, undefined, 'established', 'invalid'] as const;

function bracketed(address: IpAddress): string {
  return address.includes(':') ? `[${address}]` : address;
}
