/**
 * The two things that frontends are told apart by, as digits for the dispatch tree: addresses, and ports of the node.
 */
import { addressBits, addressFromBits, addressWidth, type IpAddress, type IpFamily } from '../../model/address.ts';
import { cidrOf } from '../../model/cidr.ts';
import type { Protocol } from '../../model/objects.ts';
import { addressBranchChain, portBranchChain } from '../names.ts';
import type { PortRange } from '../ruleset.ts';
import type { KeySpace } from './dispatch.ts';

const bitsPerDigit = 4;
const portDigits = 4;

/** One letter for each protocol, so that it can be the first digit of a port. */
const protocolDigits: Readonly<Record<Protocol, string>> = { TCP: 't', UDP: 'u', SCTP: 's' };

/** The address in hexadecimal, 8 or 32 digits. */
export function addressDigits(address: IpAddress, family: IpFamily): string {
  return addressBits(address)
    .toString(16)
    .padStart(addressWidth(family) / bitsPerDigit, '0');
}

/** The protocol's letter and the port in hexadecimal. */
export function protocolPortDigits(protocol: Protocol, port: number): string {
  return protocolDigits[protocol] + port.toString(16).padStart(portDigits, '0');
}

/** Keys made by `addressDigits`; branches are CIDR blocks. */
export function addressSpace(chainPrefix: string, family: IpFamily): KeySpace {
  const digitCount = addressWidth(family) / bitsPerDigit;
  return {
    digitCount,
    branch: (prefix) => {
      const first = addressFromBits(family, BigInt(`0x${prefix.padEnd(digitCount, '0')}`));
      const block = cidrOf(first, prefix.length * bitsPerDigit);
      return { chain: addressBranchChain(chainPrefix, block), match: { destination: { value: block } } };
    },
  };
}

/** Keys made by `protocolPortDigits`; branches are a protocol, or a range of its ports. */
export function portSpace(chainPrefix: string): KeySpace {
  return {
    digitCount: 1 + portDigits,
    branch: (prefix) => {
      const protocol = protocolOf(prefix);
      const range = portRangeOf(prefix.slice(1));
      const chain = portBranchChain(chainPrefix, protocol, range);
      return { chain, match: range === undefined ? { protocol } : { protocol, destinationPort: range } };
    },
  };
}

/** The ports that begin with these digits, without port 0, which none has; undefined for all. */
function portRangeOf(digits: string): PortRange | undefined {
  if (digits === '') return undefined;
  const from = Number.parseInt(digits.padEnd(portDigits, '0'), 16);
  const to = Number.parseInt(digits.padEnd(portDigits, 'f'), 16);
  return { from: Math.max(1, from), to };
}

function protocolOf(prefix: string): Protocol {
  if (prefix.startsWith(protocolDigits.TCP)) return 'TCP';
  return prefix.startsWith(protocolDigits.UDP) ? 'UDP' : 'SCTP';
}
