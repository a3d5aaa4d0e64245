/** How likely the matches of a rule hold for a packet: only keys with a random field leave room between 0 and 1. */
import type { IpAddress } from '../model/address.ts';
import { cidrContains } from '../model/cidr.ts';
import type { Packet, TraceHost } from '../model/packet.ts';
import { add, compare, multiply, one, type Rational, subtract, zero } from '../model/rational.ts';
import type { Match, NamedSet, Ruleset } from '../nftables/ruleset.ts';
import { isLocalAddress } from './host.ts';
import type { PacketState } from './iptables-state.ts';
import { endpointsOfSet, findSet } from './nftables-index.ts';
import { lookUp } from './nftables-lookup.ts';

/** What rules can ask about besides the state of the packet. */
export interface Scene {
  readonly ruleset: Ruleset;
  readonly packet: Packet;
  readonly host: TraceHost;
}

/** Sets that a rule asks must exist: the probability, or the name of the one that is missing. */
export type MatchResult = { readonly probability: Rational } | { readonly missing: string };

export function evaluateMatches(matches: readonly Match[], state: PacketState, scene: Scene): MatchResult {
  let probability = one;
  for (const match of matches) {
    if (match.kind !== 'in') {
      if (!holds(match, state, scene)) return { probability: zero };
      continue;
    }
    const set = findSet(scene.ruleset, match.set);
    if (set === undefined || set.value !== undefined) return { missing: match.set };
    const inside = probabilityInside(set, match, state, scene);
    probability = multiply(probability, match.negated === true ? subtract(one, inside) : inside);
    if (compare(probability, zero) === 0) return { probability };
  }
  return { probability };
}

type Look = Extract<Match, { kind: 'in' }>;

function probabilityInside(set: NamedSet, { key }: Look, state: PacketState, { ruleset, packet }: Scene): Rational {
  if (set.timeoutSeconds !== undefined) {
    const isKnown = packet.remembered !== undefined && endpointsOfSet(ruleset, set.name).includes(packet.remembered);
    return isKnown ? one : zero;
  }
  return lookUp(set, key, state, packet)
    .filter(({ element }) => element !== undefined)
    .reduce((sum, { probability }) => add(sum, probability), zero);
}

function holds(match: Exclude<Match, Look>, state: PacketState, { packet, host }: Scene): boolean {
  switch (match.kind) {
    case 'block':
      return cidrContains(match.block, addressIn(match.field, state)) !== (match.negated === true);
    case 'protocols':
      return match.protocols.includes(packet.protocol) !== (match.negated === true);
    case 'local':
      return isLocalAddress(addressIn(match.field, state), host);
    case 'inputInterface':
      return interfaceHolds(match.name, state.inputInterface) !== (match.negated === true);
    case 'ctState':
      // A packet that conntrack has not seen yet is invalid to it (nft_ct_get_eval).
      return (match.state === 'new') === state.tracked;
    case 'destinationRewritten':
      return state.tracked && state.rewritten !== (match.negated === true);
    case 'markBit':
      return (state.mark & (1 << match.bit)) !== 0;
    default:
      return match satisfies never;
  }
}

function addressIn(field: 'saddr' | 'daddr', { source, destination }: PacketState): IpAddress {
  return field === 'saddr' ? source : destination;
}

/** Where there is no interface, its name is empty (nft_meta_store_ifname). */
function interfaceHolds(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
