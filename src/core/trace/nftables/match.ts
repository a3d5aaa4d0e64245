/** The probability that a rule matches a packet: between 0 and 1 only for keys with a random field. */
import type { ForeignMatch, ForeignRuleset, ForeignSet, Opaque } from '../../nftables/listing/ruleset.ts';
import { add, complement, isOne, isZero, multiply, one, type Rational, zero } from '../../structures/rational.ts';
import { comesFrom, isInBlock, isLocal, isRemembered } from '../netfilter/fields.ts';
import type { PacketState } from '../netfilter/state.ts';
import { askProtocol, hasCtState, namedSet, type TraceScene } from '../witness.ts';
import { lookUp } from './lookup.ts';
import type { NftablesProblemKind } from './problem.ts';
import { endpointsOfSet, findSet } from './ruleset-index.ts';

/** Input of rules besides the state of the packet. */
export interface NftablesScene extends TraceScene {
  readonly ruleset: ForeignRuleset;
}

/** The probability, or why it is unknown. */
export type NftablesMatchResult = { readonly probability: Rational } | MatchProblem;

interface MatchProblem {
  readonly problem: Extract<NftablesProblemKind, 'missing' | 'opaque' | 'partial'>;
  /** The set, or the expression. */
  readonly detail: string;
}

/** An unknown match matters only if all other matches hold. */
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
  if (set.timeoutSeconds !== undefined) {
    scene.witness?.used(namedSet(set.name));
    return isRemembered(endpointsOfSet(scene.ruleset, set.name), scene) ? one : zero;
  }
  const findings = lookUp(set, key, state, scene).filter(({ found }) => found !== undefined);
  const [first, ...others] = findings;
  return others.reduce((sum, { probability }) => add(sum, probability), first?.probability ?? zero);
}

function holds(match: Exclude<ForeignMatch, Look | Opaque>, state: PacketState, scene: NftablesScene): boolean {
  switch (match.kind) {
    case 'block':
      return isInBlock(addressFields[match.field], match.block, state, scene) !== (match.negated === true);
    case 'protocols':
      for (const protocol of match.protocols) askProtocol(scene.witness, protocol);
      return match.protocols.includes(scene.packet.protocol) !== (match.negated === true);
    case 'local':
      return isLocal(addressFields[match.field], state, scene) !== 'negated' in match;
    case 'inputInterface':
      // Without an interface, its name is empty (nft_meta_store_ifname).
      return (
        comesFrom(match.name.replace(/\*$/, ''), match.name.endsWith('*'), state, scene) !== (match.negated === true)
      );
    case 'ctState':
      return isInCtState(match.state, state, scene);
    case 'ctStates':
      return match.states.some((each) => isInCtState(each, state, scene)) !== (match.negated === true);
    case 'destinationRewritten':
      // Without a connection there is no status, and the rule ends (nft_ct_get_eval).
      if (!state.tracked || hasCtState('invalid', scene)) return false;
      return state.rewritten !== (match.negated === true);
    case 'markBit':
      return (state.mark & (1 << match.bit)) !== 0;
    case 'mark':
      return ((state.mark & match.mask) >>> 0 === match.value) !== (match.negated === true);
    default:
      return match satisfies never;
  }
}

/** A packet that conntrack has not seen yet is invalid to it (nft_ct_get_eval). */
function isInCtState(name: string, { tracked }: PacketState, scene: NftablesScene): boolean {
  if (name !== 'new' && name !== 'established' && name !== 'invalid') return false;
  return tracked ? hasCtState(name, scene) : name === 'invalid';
}

const addressFields = { saddr: 'source', daddr: 'destination' } as const;
