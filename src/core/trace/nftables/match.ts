/** How likely the matches of a rule hold for a packet: only keys with a random field leave room between 0 and 1. */
import { cidrContains } from '../../model/cidr.ts';
import type { Packet, TraceHost } from '../../model/packet.ts';
import type { ForeignMatch, ForeignRuleset, ForeignSet, Opaque } from '../../nftables/listing/ruleset.ts';
import { add, complement, isOne, isZero, multiply, one, type Rational, zero } from '../../structures/rational.ts';
import { isLocalAddress } from '../host.ts';
import { isAsSent, type PacketState } from '../state.ts';
import { askBlocks, askProtocol, askWhetherLocal, namedSet, nameQuestion, type Witness, whichOf } from '../witness.ts';
import { lookUp } from './lookup.ts';
import type { NftablesProblemKind } from './problem.ts';
import { endpointsOfSet, findSet } from './ruleset-index.ts';

/** What rules can ask about besides the state of the packet. */
export interface NftablesScene {
  readonly ruleset: ForeignRuleset;
  readonly packet: Packet;
  readonly host: TraceHost;
  readonly witness: Witness | undefined;
}

/** The probability, or why it cannot be told. */
export type NftablesMatchResult = { readonly probability: Rational } | MatchProblem;

interface MatchProblem {
  readonly problem: Extract<NftablesProblemKind, 'missing' | 'opaque' | 'partial'>;
  /** The set, or the words. */
  readonly detail: string;
}

/** What cannot be told matters only where all else holds. */
export function evaluateMatches(
  matches: readonly ForeignMatch[],
  state: PacketState,
  scene: NftablesScene,
): NftablesMatchResult {
  let probability = one;
  let unknown: MatchProblem | undefined;
  for (const match of matches) {
    const result = evaluateMatch(match, state, scene);
    if ('problem' in result) unknown ??= result;
    else if (probability === one) probability = result.probability;
    else if (result.probability !== one) probability = multiply(probability, result.probability);
    if (isZero(probability)) return { probability };
  }
  return unknown ?? { probability };
}

function evaluateMatch(match: ForeignMatch, state: PacketState, scene: NftablesScene): NftablesMatchResult {
  if (match.kind === 'opaque') return { problem: 'opaque', detail: match.words };
  if (match.kind !== 'in') return { probability: holds(match, state, scene) ? one : zero };
  const set = findSet(scene.ruleset, match.set);
  if (set === undefined || set.value !== undefined) return { problem: 'missing', detail: match.set };
  const inside = probabilityInside(set, match, state, scene);
  if (set.isPartial && !isOne(inside)) return { problem: 'partial', detail: match.set };
  return { probability: match.negated === true ? complement(inside) : inside };
}

type Look = Extract<ForeignMatch, { kind: 'in' }>;

function probabilityInside(set: ForeignSet, { key }: Look, state: PacketState, scene: NftablesScene): Rational {
  const { ruleset, packet, witness } = scene;
  if (set.timeoutSeconds !== undefined) {
    const endpoints = endpointsOfSet(ruleset, set.name);
    witness?.used(namedSet(set.name));
    if (witness?.isOpen('remembered') === true) {
      witness.asked('remembered', whichOf('remembered', { values: endpoints, tellsApart: false }));
    }
    return packet.remembered !== undefined && endpoints.includes(packet.remembered) ? one : zero;
  }
  const findings = lookUp(set, key, state, scene).filter(({ found }) => found !== undefined);
  const [first, ...others] = findings;
  return others.reduce((sum, { probability }) => add(sum, probability), first?.probability ?? zero);
}

function holds(match: Exclude<ForeignMatch, Look | Opaque>, state: PacketState, scene: NftablesScene): boolean {
  switch (match.kind) {
    case 'block':
      return isInBlock(match, state, scene) !== (match.negated === true);
    case 'protocols':
      for (const protocol of match.protocols) askProtocol(scene.witness, protocol);
      return match.protocols.includes(scene.packet.protocol) !== (match.negated === true);
    case 'local':
      return isLocal(addressFields[match.field], state, scene) !== 'negated' in match;
    case 'inputInterface':
      return comesFrom(match.name, state, scene) !== (match.negated === true);
    case 'ctState':
      // A packet that conntrack has not seen yet is invalid to it (nft_ct_get_eval).
      return (match.state === 'new') === state.tracked;
    case 'ctStates':
      return match.states.includes(state.tracked ? 'new' : 'invalid') !== (match.negated === true);
    case 'destinationRewritten':
      return state.tracked && state.rewritten !== (match.negated === true);
    case 'markBit':
      return (state.mark & (1 << match.bit)) !== 0;
    case 'mark':
      return ((state.mark & match.mask) >>> 0 === match.value) !== (match.negated === true);
    default:
      return match satisfies never;
  }
}

const addressFields = { saddr: 'source', daddr: 'destination' } as const;

function isInBlock(
  { field, block }: Extract<ForeignMatch, { kind: 'block' }>,
  state: PacketState,
  { witness }: NftablesScene,
): boolean {
  const name = addressFields[field];
  if (isAsSent(state, name)) askBlocks(witness, name, [block]);
  return cidrContains(block, state[name]);
}

/** Whether the address is one of this node; tells whoever listens that this was asked. */
export function isLocal(
  field: 'source' | 'destination',
  state: PacketState,
  { host, witness }: NftablesScene,
): boolean {
  if (isAsSent(state, field)) askWhetherLocal(witness, field, host, state[field]);
  return isLocalAddress(state[field], host);
}

function comesFrom(pattern: string, { inputInterface, looped }: PacketState, { witness }: NftablesScene): boolean {
  const isPrefix = pattern.endsWith('*');
  if (!looped) witness?.asked('inputInterface', nameQuestion(isPrefix ? pattern.slice(0, -1) : pattern, isPrefix));
  return interfaceHolds(pattern, inputInterface);
}

/** Where there is no interface, its name is empty (nft_meta_store_ifname). */
function interfaceHolds(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
