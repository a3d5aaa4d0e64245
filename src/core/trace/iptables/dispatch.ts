/**
 * An index of the rules of a long chain. Most of them are for one destination or one port, so a packet is compared only
 * with the rules for its own.
 */
import type { IptablesChain, IptablesRule } from '../../iptables/ruleset.ts';
import type { IpAddress } from '../../model/address.ts';
import { hostAddress } from '../../model/cidr.ts';
import type { Protocol } from '../../model/objects.ts';
import type { Packet } from '../../model/packet.ts';
import { memoize } from '../../structures/memoize.ts';
import { remember } from '../../structures/remember.ts';
import { isAsSent, type PacketState } from '../netfilter/state.ts';
import type { PortTable } from '../plan/frontend-index.ts';
import { askWhich, type Witness } from '../witness.ts';

/** Walking chains with at most this many rules is faster than an index. */
const shortChain = 16;

/** Indexes of rules, in ascending order. */
type Indexes = readonly number[];

interface ChainIndex {
  readonly byAddress: ReadonlyMap<IpAddress, Indexes>;
  readonly byPort: PortTable<Indexes>;
  /** Rules for more than one destination and port. */
  readonly others: Indexes;
}

/** Whether the chain is worth an index. */
export function isLong({ rules }: IptablesChain): boolean {
  return rules.length > shortChain;
}

/** The rules of a long chain that may match the packet. */
export function candidates(
  chain: IptablesChain,
  state: PacketState,
  { packet, witness }: { readonly packet: Packet; readonly witness: Witness | undefined },
): Indexes {
  const { byAddress, byPort, others } = indexOf(chain);
  if (isAsSent(state, 'destination')) askWhich(witness, 'destination', byAddress);
  const forAddress = byAddress.get(state.destination) ?? [];
  if (byPort.size > 0) askWhich(witness, 'protocol', byPort);
  const ports = byPort.get(packet.protocol);
  if (ports !== undefined && state.hasSentPort) askWhich(witness, 'port', ports);
  const forPort = ports?.get(state.port) ?? [];
  return [...forAddress, ...forPort, ...others].sort((a, b) => a - b);
}

/** Hands over the index of a chain to one with the same rules. */
export function inheritIndex(from: IptablesChain, to: IptablesChain): void {
  indexOf.inherit(from, to, (index) => index);
}

const indexOf = memoize(({ rules }: IptablesChain): ChainIndex => {
  const byAddress = new Map<IpAddress, number[]>();
  const byPort = new Map<Protocol, Map<number, number[]>>();
  const others: number[] = [];
  for (const [i, rule] of rules.entries()) {
    const address = onlyDestination(rule);
    const { protocol, destinationPort: ports } = rule.match;
    if (address !== undefined) remember(byAddress, address, () => []).push(i);
    else if (protocol !== undefined && ports !== undefined && ports.from === ports.to) {
      const ofProtocol = remember(byPort, protocol, () => new Map<number, number[]>());
      remember(ofProtocol, ports.from, () => []).push(i);
    } else others.push(i);
  }
  return { byAddress, byPort, others };
});

/** The only destination that the rule can match, if there is only one. */
export function onlyDestination({ match: { destination } }: IptablesRule): IpAddress | undefined {
  return destination === undefined || destination.negated === true ? undefined : hostAddress(destination.value);
}
