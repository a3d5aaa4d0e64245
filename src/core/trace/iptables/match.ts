/** Whether the match of a rule holds for a packet, following the kernel's match modules. */

import type { CtState, IptablesMatch, MaskedMark, Negatable, Recent, Table } from '../../iptables/ruleset.ts';
import { formatHostPort } from '../../model/address.ts';
import { comesFrom, isInBlock, isLocal, isRemembered } from '../netfilter/fields.ts';
import type { PacketState } from '../netfilter/state.ts';
import { askProtocol, hasCtState, portQuestion, recentList, type TraceScene } from '../witness.ts';
import { endpointsOfList } from './table-index.ts';

/** Input of a match besides the state of the packet. */
export interface IptablesScene extends TraceScene {
  /** Where lists of remembered clients are set; absent when the ruleset has no nat table. */
  readonly nat: Table | undefined;
}

/** `opaque`, `unknownInterface`: the understood part of the match holds, the rest is unknown. */
export type IptablesMatchResult = 'holds' | 'fails' | 'opaque' | 'unknownInterface';

/**
 * Every condition but `random`, which does not depend on the packet. The destination comes first: the further
 * conditions of a rule for one destination must not split packets to other ones. Conditions on the node and the
 * connection come before the source, so that fewer classes of packets arise.
 */
export function evaluateMatch(match: IptablesMatch, state: PacketState, scene: IptablesScene): IptablesMatchResult {
  // After DNAT the destination is the new one. xt_addrtype asks the routing table, so that counts there too.
  if (!agrees(match.destination, (block) => isInBlock('destination', block, state, scene))) return 'fails';
  if (!transportHolds(match, state, scene) || !trackingHolds(match, state, scene)) return 'fails';
  if (!agrees(match.source, (block) => isInBlock('source', block, state, scene))) return 'fails';
  if (!agrees(match.sourceType, () => isLocal('source', state, scene))) return 'fails';
  if (!agrees(match.destinationType, () => isLocal('destination', state, scene))) return 'fails';
  if (!agrees(match.inputInterface, (pattern) => comesFrom(...prefixOf(pattern), state, scene))) return 'fails';
  if (match.recent !== undefined && !recentHolds(match.recent, state, scene)) return 'fails';
  const output = outputInterfaceResult(match.outputInterface, state);
  return output === 'holds' && match.opaque !== undefined ? 'opaque' : output;
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

function trackingHolds(match: IptablesMatch, state: PacketState, scene: IptablesScene): boolean {
  return (
    agrees(match.ctStates, (states) => states.some((ctState) => isInCtState(ctState, state, scene))) &&
    agrees(match.mark, (wanted) => markHolds(wanted, state.mark))
  );
}

/**
 * xt_conntrack.c: a packet that conntrack has not seen is INVALID; one that opens a connection is NEW, and DNAT or SNAT
 * besides once it was rewritten. RELATED is for ICMP errors and helpers, which Services do not have.
 */
function isInCtState(
  ctState: CtState,
  { tracked, rewritten, masqueraded }: PacketState,
  scene: IptablesScene,
): boolean {
  switch (ctState) {
    case 'INVALID':
      return !tracked || hasCtState('invalid', scene);
    case 'NEW':
      return tracked && hasCtState('new', scene);
    case 'ESTABLISHED':
      return tracked && hasCtState('established', scene);
    case 'DNAT':
      return rewritten;
    case 'SNAT':
      return masqueraded;
    case 'RELATED':
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
  const { nat, witness } = scene;
  if (nat === undefined) return false;
  witness?.used(recentList(recent.name));
  const targets = endpointsOfList(nat, recent.name);
  if (hasSentPort && targets.some((target) => target.port === undefined)) {
    witness?.asked('port', portQuestion({ from: port, to: port }));
  }
  const endpoints = targets.map((target) => formatHostPort(target.address, target.port ?? port));
  return isRemembered(endpoints, scene);
}

/** A trailing `+` matches any rest, even an empty one, so `+` alone matches without an interface. */
function prefixOf(pattern: string): readonly [name: string, isPrefix: boolean] {
  return pattern.endsWith('+') ? [pattern.slice(0, -1), true] : [pattern, false];
}

/** Patterns with a known answer for an unknown name, which is neither empty nor `lo`. */
const tellingPatterns = ['+', 'lo', ''];

function outputInterfaceResult(
  wanted: Negatable<string> | undefined,
  { outputInterface }: PacketState,
): IptablesMatchResult {
  if (wanted === undefined) return 'holds';
  const known = outputInterface ?? (tellingPatterns.includes(wanted.value) ? '?' : undefined);
  if (known === undefined) return 'unknownInterface';
  const [name, isPrefix] = prefixOf(wanted.value);
  const holds = isPrefix ? known.startsWith(name) : known === name;
  return holds !== (wanted.negated === true) ? 'holds' : 'fails';
}

function agrees<T>(wanted: Negatable<T> | undefined, holds: (value: T) => boolean): boolean {
  return wanted === undefined || holds(wanted.value) !== (wanted.negated === true);
}
