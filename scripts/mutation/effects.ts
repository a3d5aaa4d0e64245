/** The effects of rules on a packet, other than moving it from chain to chain. */
import type { IptablesRule } from '../../src/core/iptables/ruleset.ts';
import type { Packet, TraceHost } from '../../src/core/model/packet.ts';
import type { NftablesRule } from '../../src/core/nftables/ruleset.ts';
import type { Rules } from '../../src/core/rules.ts';
import { add, type Rational } from '../../src/core/structures/rational.ts';
import { traceIptablesSteps } from '../../src/core/trace/iptables/trace.ts';
import { traceNftablesSteps } from '../../src/core/trace/nftables/trace.ts';

export interface Meeting {
  /** The rules that match (`CHAIN#INDEX`) and the elements that are found (`@SET KEY`). */
  readonly met: ReadonlySet<string>;
  readonly paths: readonly Path[];
}

/**
 * Bits of a mark that are set again, and a client that is remembered again, change nothing: only what comes between can
 * make a difference.
 */
function withoutRepetition(effects: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const effect of effects) {
    const kind = repeatable.find((each) => effect.includes(each));
    const last = kind === undefined ? undefined : kept.findLast((each) => each.includes(kind));
    if (last !== effect) kept.push(effect);
  }
  return kept;
}

const repeatable = ['"kind":"mark"', 'MarkBit"', 'remember'];

/** One path through the rules. */
export interface Path {
  readonly met: readonly string[];
  readonly effects: readonly string[];
  readonly probability: Rational;
}

export function meetingOf(rules: Rules, packet: Packet, host: TraceHost): Meeting {
  const paths = rules.mode === 'iptables' ? iptablesPaths(rules, packet, host) : nftablesPaths(rules, packet, host);
  return { met: new Set(paths.flatMap(({ met }) => met)), paths };
}

/** Each sequence of effects, as far as they are looked at, with its probability, as one text. */
export function sumUp({ paths }: Meeting, view: (effects: readonly string[]) => readonly string[]): string {
  const shares = new Map<string, Rational>();
  for (const { effects, probability } of paths) {
    const key = withoutRepetition(view(effects)).join('; ');
    const before = shares.get(key);
    shares.set(key, before === undefined ? probability : add(before, probability));
  }
  const texts = [...shares].map(([key, { numerator, denominator }]) => `${key} ${numerator}/${denominator}`);
  return texts.sort().join('\n');
}

function iptablesPaths(
  { ruleset }: Extract<Rules, { mode: 'iptables' }>,
  packet: Packet,
  host: TraceHost,
): readonly Path[] {
  const find = (table: string, chain: string, index: number): IptablesRule | undefined =>
    ruleset.tables.find(({ name }) => name === table)?.chains.find(({ name }) => name === chain)?.rules[index];
  return traceIptablesSteps(ruleset, packet, host).paths.map(({ steps, probability }) => ({
    met: steps.map(({ table, chain, rule }) => `${table} ${chain}#${rule}`),
    effects: steps.flatMap(({ table, chain, rule }) => {
      const found = rule === 'policy' ? undefined : find(table, chain, rule);
      return found === undefined ? [] : iptablesEffects(found).map((effect) => `${table} ${effect}`);
    }),
    probability,
  }));
}

function iptablesEffects({ match, target }: IptablesRule): readonly string[] {
  const remembers = match.recent?.operation === 'set' ? [`remember ${match.recent.name}`] : [];
  const isMove = target === undefined || ['jump', 'goto', 'return'].includes(target.kind);
  return isMove ? remembers : [...remembers, JSON.stringify(target)];
}

function nftablesPaths(
  { ruleset }: Extract<Rules, { mode: 'nftables' }>,
  packet: Packet,
  host: TraceHost,
): readonly Path[] {
  const find = (chain: string, index: number): NftablesRule | undefined =>
    ruleset.chains.find(({ name }) => name === chain)?.rules[index];
  return traceNftablesSteps(ruleset, packet, host).paths.map(({ steps, probability }) => ({
    met: steps.flatMap(({ chain, rule, found }) => [
      `${chain}#${rule}`,
      ...(found === undefined ? [] : [`@${found.map} ${found.element.key.join(' . ')}`]),
    ]),
    effects: steps.flatMap(({ chain, rule, found }) => [
      ...(rule === 'policy' ? [] : (find(chain, rule)?.statements ?? []))
        .filter(isEffect)
        .map((each) => JSON.stringify(each)),
      ...(found?.element.value === undefined || 'chain' in found.element.value
        ? []
        : [JSON.stringify(found.element.value)]),
    ]),
    probability,
  }));
}

function isEffect({ kind }: NftablesRule['statements'][number]): boolean {
  return !['jump', 'goto', 'return', 'verdictMap', 'dnatMap', 'chooseChain'].includes(kind);
}
