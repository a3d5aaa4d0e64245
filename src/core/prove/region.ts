/** Regions of the header space: a set of values for each field, and every packet with such values. */
import { addressFromBits, addressNumber, type IpAddress, type IpFamily, parseIpAddress } from '../model/address.ts';
import { cidrBounds, wholeFamily } from '../model/cidr.ts';
import type { Protocol } from '../model/objects.ts';
import type { CtStateOfPacket, Packet } from '../model/packet.ts';
import { sameElements } from '../structures/list-difference.ts';
import { type FieldValue, type PacketField, packetFields, textAfter } from '../trace/witness.ts';
import { holdsValue, type Ranges } from './ranges.ts';

export type Region = Readonly<Record<PacketField, Ranges>>;

/** A value for each field. */
export type Values = Readonly<Record<PacketField, FieldValue>>;

/** Greater than every name of an interface or endpoint. */
const afterAllTexts = '\u007f';

const protocols: readonly Protocol[] = ['SCTP', 'TCP', 'UDP'];

/** All packets of a family by a Service protocol: every port, interface and connection state. */
export function wholeSpace(family: IpFamily): Region {
  return spaces[family];
}

const spaces: Readonly<Record<IpFamily, Region>> = { IPv4: spaceOf('IPv4'), IPv6: spaceOf('IPv6') };

function spaceOf(family: IpFamily): Region {
  const addresses = cidrBounds(wholeFamily[family]);
  return {
    destination: addresses,
    protocol: protocols.flatMap((protocol) => [protocol, textAfter(protocol)]),
    port: [0, 0x10000],
    source: addresses,
    inputInterface: ['', afterAllTexts],
    remembered: ['', afterAllTexts],
    ctState: ['', 'established', 'invalid'].flatMap((state) => [state, textAfter(state)]),
  };
}

/** Values that readers recognize: a client in a documentation block, the usual interface. */
const familiar: Readonly<Record<PacketField, readonly FieldValue[]>> = {
  destination: addressesOf('198.51.100.1', '2001:db8:1::1'),
  protocol: ['TCP'],
  port: [80, 8080],
  source: addressesOf('203.0.113.1', '2001:db8::1'),
  inputInterface: ['eth0'],
  remembered: [''],
  ctState: [''],
};

function addressesOf(...texts: readonly string[]): readonly FieldValue[] {
  return texts.flatMap((text) => {
    const address = parseIpAddress(text);
    return address === undefined ? [] : [addressNumber(address)];
  });
}

/** One packet of the region, as values; a realistic one if there is a choice. */
export function pickValues(region: Region, nodeAddresses: readonly IpAddress[]): Values {
  const inputInterface = pickValue(region.inputInterface, familiar.inputInterface);
  const senders = inputInterface === '' ? nodeAddresses.map(addressNumber) : familiar.source;
  return {
    destination: pickValue(region.destination, familiar.destination),
    protocol: pickValue(region.protocol, familiar.protocol),
    port: pickValue(region.port, familiar.port),
    source: pickValue(region.source, senders),
    inputInterface,
    remembered: pickValue(region.remembered, familiar.remembered),
    ctState: pickValue(region.ctState, familiar.ctState),
  };
}

function pickValue(ranges: Ranges, wanted: readonly FieldValue[]): FieldValue {
  const kind = typeof ranges[0];
  const found = wanted.find((value) => typeof value === kind && holdsValue(ranges, value));
  if (found !== undefined) return found;
  const [first = '', end] = ranges;
  // Most readers take the first address of a block for the block, and port 0 is hardly ever used.
  if (typeof first === 'number' && first + 1 !== end) return first + 1;
  return typeof first === 'bigint' && first + 1n !== end ? first + 1n : first;
}

/** The packet with these values. */
export function packetOf(family: IpFamily, values: Values): Packet {
  const { protocol, port, inputInterface, remembered, ctState } = values;
  return {
    source: addressFrom(family, values.source),
    destination: addressFrom(family, values.destination),
    protocol: protocol as Protocol,
    port: port as number,
    ...(inputInterface === '' ? {} : { inputInterface: inputInterface as string }),
    ...(remembered === '' ? {} : { remembered: remembered as string }),
    ...(ctState === '' ? {} : { ctState: ctState as CtStateOfPacket }),
  };
}

function addressFrom(family: IpFamily, value: FieldValue): IpAddress {
  return addressFromBits(family, BigInt(value));
}

/** The values of a packet. */
export function valuesOf(packet: Packet): Values {
  return {
    source: addressNumber(packet.source),
    destination: addressNumber(packet.destination),
    protocol: packet.protocol,
    port: packet.port,
    inputInterface: packet.inputInterface ?? '',
    remembered: packet.remembered ?? '',
    ctState: packet.ctState ?? '',
  };
}

/** Whether the region holds the packet with these values. */
export function holdsPacket(region: Region, values: Values): boolean {
  return packetFields.every((field) => holdsValue(region[field], values[field]));
}

export function isSameRegion(a: Region, b: Region): boolean {
  return packetFields.every((field) => sameElements(a[field], b[field]));
}
