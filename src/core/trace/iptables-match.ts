/** Whether the match of a rule holds for a packet, as the kernel's match modules see it. */

import type { CtState, MaskedMark, Match, Negatable, Recent, Table } from '../iptables/ruleset.ts';
import { type Cidr, formatHostPort, type IpAddress } from '../model/address.ts';
import { cidrContains } from '../model/cidr.ts';
import type { Packet, TraceHost } from '../model/packet.ts';
import { isLocalAddress } from './host.ts';
import { endpointsOfList } from './iptables-index.ts';
import type { PacketState } from './iptables-state.ts';

/** What a match can ask about besides the state of the packet. */
export interface MatchScene {
  readonly packet: Packet;
  readonly host: TraceHost;
  /** Where lists of remembered clients are set; absent when the ruleset has no nat table. */
  readonly nat: Table | undefined;
}

/** `opaque`, `unknownInterface`: all that can be told holds, the rest cannot be told. */
export type MatchResult = 'holds' | 'fails' | 'opaque' | 'unknownInterface';

/** Everything but `random`, which is no question of the packet; the cheap questions first. */
export function evaluateMatch(match: Match, state: PacketState, scene: MatchScene): MatchResult {
  if (!transportHolds(match, state, scene) || !addressesHold(match, state)) return 'fails';
  if (!typesHold(match, state, scene) || !trackingHolds(match, state, scene)) return 'fails';
  if (!agrees(match.inputInterface, (pattern) => interfaceHolds(pattern, state.inputInterface))) return 'fails';
  const output = outputInterfaceResult(match.outputInterface, state);
  return output === 'holds' && match.opaque !== undefined ? 'opaque' : output;
}

function transportHolds({ protocol, destinationPort }: Match, { port }: PacketState, { packet }: MatchScene): boolean {
  if (protocol !== undefined && protocol !== packet.protocol) return false;
  return destinationPort === undefined || (destinationPort.from <= port && port <= destinationPort.to);
}

/** The destination is the current one: after DNAT, the new one. */
function addressesHold(match: Match, { source, destination }: PacketState): boolean {
  return blockHolds(match.destination, destination) && blockHolds(match.source, source);
}

function blockHolds(wanted: Negatable<Cidr> | undefined, address: IpAddress): boolean {
  return agrees(wanted, (block) => cidrContains(block, address));
}

/** xt_addrtype asks the routing table, so the current destination counts here too. */
function typesHold(match: Match, { source, destination }: PacketState, { host }: MatchScene): boolean {
  return (
    agrees(match.sourceType, () => isLocalAddress(source, host)) &&
    agrees(match.destinationType, () => isLocalAddress(destination, host))
  );
}

function trackingHolds(match: Match, state: PacketState, scene: MatchScene): boolean {
  return (
    agrees(match.ctStates, (states) => states.some((ctState) => hasCtState(ctState, state))) &&
    agrees(match.mark, (wanted) => markHolds(wanted, state.mark)) &&
    (match.recent === undefined || recentHolds(match.recent, state, scene))
  );
}

/**
 * xt_conntrack.c: a packet that conntrack has not seen is INVALID; one that opens a connection is NEW, and DNAT or SNAT
 * besides once it was rewritten. The others are for later packets of a connection.
 */
function hasCtState(ctState: CtState, { tracked, rewritten, masqueraded }: PacketState): boolean {
  switch (ctState) {
    case 'INVALID':
      return !tracked;
    case 'NEW':
      return tracked;
    case 'DNAT':
      return rewritten;
    case 'SNAT':
      return masqueraded;
    case 'RELATED':
    case 'ESTABLISHED':
    case 'UNTRACKED':
      return false;
    default:
      return ctState satisfies never;
  }
}

/** xt_mark.c: `(skb->mark & mask) == mark`; a wanted bit outside the mask is never found. */
function markHolds({ mark, mask }: MaskedMark, actual: number): boolean {
  return (actual & mask) >>> 0 === mark >>> 0;
}

/** `set` always holds (xt_recent.c); `rcheck` holds for the list of the endpoint that the client is known to. */
function recentHolds(recent: Recent, { port }: PacketState, { packet, nat }: MatchScene): boolean {
  if (recent.operation === 'set') return true;
  if (packet.remembered === undefined || nat === undefined) return false;
  return endpointsOfList(nat, recent.name).some(
    (target) => formatHostPort(target.address, target.port ?? port) === packet.remembered,
  );
}

/** A trailing `+` stands for any rest, even for none, so that `+` alone holds where there is no interface. */
function interfaceHolds(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Patterns that can be told from a name that is unknown, since that is certainly neither empty nor `lo`. */
const tellingPatterns = ['+', 'lo', ''];

function outputInterfaceResult(wanted: Negatable<string> | undefined, { outputInterface }: PacketState): MatchResult {
  if (wanted === undefined) return 'holds';
  const known = outputInterface ?? (tellingPatterns.includes(wanted.value) ? '?' : undefined);
  if (known === undefined) return 'unknownInterface';
  return agrees(wanted, (pattern) => interfaceHolds(pattern, known)) ? 'holds' : 'fails';
}

function agrees<T>(wanted: Negatable<T> | undefined, holds: (value: T) => boolean): boolean {
  return wanted === undefined || holds(wanted.value) !== (wanted.negated === true);
}
