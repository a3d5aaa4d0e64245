/** Whether the match of a rule holds for a packet, as the kernel's match modules see it. */

import type { CtState, IptablesMatch, MaskedMark, Negatable, Recent, Table } from '../../iptables/ruleset.ts';
import { formatHostPort } from '../../model/address.ts';
import { cidrContains } from '../../model/cidr.ts';
import type { Packet, TraceHost } from '../../model/packet.ts';
import { isLocalAddress } from '../host.ts';
import { isAsSent, type PacketState } from '../state.ts';
import {
  askBlocks,
  askProtocol,
  askWhetherLocal,
  nameQuestion,
  portQuestion,
  recentList,
  type Witness,
  whichOf,
} from '../witness.ts';
import { endpointsOfList } from './table-index.ts';

/** What a match can ask about besides the state of the packet. */
export interface IptablesScene {
  readonly packet: Packet;
  readonly host: TraceHost;
  /** Where lists of remembered clients are set; absent when the ruleset has no nat table. */
  readonly nat: Table | undefined;
  readonly witness: Witness | undefined;
}

/** `opaque`, `unknownInterface`: all that can be told holds, the rest cannot be told. */
export type IptablesMatchResult = 'holds' | 'fails' | 'opaque' | 'unknownInterface';

/**
 * Everything but `random`, which is no question of the packet. The destination comes first: what a rule for one
 * destination asks besides must not concern packets to others. What the packet does not say itself comes before its
 * source, so that fewer packets are told apart.
 */
export function evaluateMatch(match: IptablesMatch, state: PacketState, scene: IptablesScene): IptablesMatchResult {
  if (!addressHolds('destination', match, state, scene) || !transportHolds(match, state, scene)) return 'fails';
  if (!trackingHolds(match, state) || !addressHolds('source', match, state, scene)) return 'fails';
  if (!typesHold(match, state, scene)) return 'fails';
  if (!agrees(match.inputInterface, (pattern) => comesFrom(pattern, state, scene))) return 'fails';
  if (match.recent !== undefined && !recentHolds(match.recent, state, scene)) return 'fails';
  const output = outputInterfaceResult(match.outputInterface, state);
  return output === 'holds' && match.opaque !== undefined ? 'opaque' : output;
}

/** The destination is the current one: after DNAT, the new one. */
function addressHolds(
  field: 'source' | 'destination',
  match: IptablesMatch,
  state: PacketState,
  { witness }: IptablesScene,
): boolean {
  return agrees(match[field], (block) => {
    if (isAsSent(state, field)) askBlocks(witness, field, [block]);
    return cidrContains(block, state[field]);
  });
}

function transportHolds(
  { protocol, destinationPort }: IptablesMatch,
  { port, hasSentPort }: PacketState,
  { packet, witness }: IptablesScene,
): boolean {
  if (protocol !== undefined) {
    askProtocol(witness, protocol);
    if (protocol !== packet.protocol) return false;
  }
  if (destinationPort === undefined) return true;
  if (hasSentPort && witness?.isOpen('port') === true) witness.asked('port', portQuestion(destinationPort));
  return destinationPort.from <= port && port <= destinationPort.to;
}

/** xt_addrtype asks the routing table, so the current destination counts here too. */
function typesHold(match: IptablesMatch, state: PacketState, { host, witness }: IptablesScene): boolean {
  const isLocal = (field: 'source' | 'destination'): boolean => {
    if (isAsSent(state, field)) askWhetherLocal(witness, field, host, state[field]);
    return isLocalAddress(state[field], host);
  };
  return (
    agrees(match.sourceType, () => isLocal('source')) && agrees(match.destinationType, () => isLocal('destination'))
  );
}

function trackingHolds(match: IptablesMatch, state: PacketState): boolean {
  return (
    agrees(match.ctStates, (states) => states.some((ctState) => hasCtState(ctState, state))) &&
    agrees(match.mark, (wanted) => markHolds(wanted, state.mark))
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
function recentHolds(recent: Recent, { port, hasSentPort }: PacketState, scene: IptablesScene): boolean {
  if (recent.operation === 'set') return true;
  const { packet, nat, witness } = scene;
  if (nat === undefined) return false;
  witness?.used(recentList(recent.name));
  const targets = endpointsOfList(nat, recent.name);
  const endpoints = targets.map((target) => formatHostPort(target.address, target.port ?? port));
  if (hasSentPort && targets.some((target) => target.port === undefined)) {
    witness?.asked('port', portQuestion({ from: port, to: port }));
  }
  if (witness?.isOpen('remembered') === true)
    witness.asked('remembered', whichOf('remembered', { values: endpoints, tellsApart: false }));
  return endpoints.some((endpoint) => endpoint === packet.remembered);
}

function comesFrom(pattern: string, { inputInterface, looped }: PacketState, { witness }: IptablesScene): boolean {
  const isPrefix = pattern.endsWith('+');
  if (!looped) witness?.asked('inputInterface', nameQuestion(isPrefix ? pattern.slice(0, -1) : pattern, isPrefix));
  return interfaceHolds(pattern, inputInterface);
}

/** A trailing `+` stands for any rest, even for none, so that `+` alone holds where there is no interface. */
function interfaceHolds(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Patterns that can be told from a name that is unknown, since that is certainly neither empty nor `lo`. */
const tellingPatterns = ['+', 'lo', ''];

function outputInterfaceResult(
  wanted: Negatable<string> | undefined,
  { outputInterface }: PacketState,
): IptablesMatchResult {
  if (wanted === undefined) return 'holds';
  const known = outputInterface ?? (tellingPatterns.includes(wanted.value) ? '?' : undefined);
  if (known === undefined) return 'unknownInterface';
  return agrees(wanted, (pattern) => interfaceHolds(pattern, known)) ? 'holds' : 'fails';
}

function agrees<T>(wanted: Negatable<T> | undefined, holds: (value: T) => boolean): boolean {
  return wanted === undefined || holds(wanted.value) !== (wanted.negated === true);
}
