/** Traces a packet through rules of either mode and returns its paths in one form. */
import type { Outcome, Packet, TraceHost } from '../../model/packet.ts';
import type { ForeignElement } from '../../nftables/listing/ruleset.ts';
import type { Rational } from '../../structures/rational.ts';
import { traceIptablesSteps } from '../../trace/iptables/trace.ts';
import { traceNftablesSteps } from '../../trace/nftables/trace.ts';
import type { PacketRemark } from '../explanation.ts';
import type { WalkedRules } from './rules.ts';

/** A rule that matched, or a policy that dropped. */
export interface Step {
  /** Empty in nftables mode, which has a single table. */
  readonly table: string;
  readonly chain: string;
  /** From 0. */
  readonly rule: number | 'policy';
  /** The matching element of the rule's map, and its owner where known. */
  readonly element?: string;
  readonly owner?: string;
}

export interface RulePath {
  readonly outcome: Outcome;
  readonly probability: Rational;
  readonly steps: readonly Step[];
}

export interface RulePaths {
  readonly paths: readonly RulePath[];
  readonly problems: readonly PacketRemark[];
}

export function tracePaths(rules: WalkedRules, packet: Packet, host: TraceHost): RulePaths {
  if (rules.mode === 'iptables') {
    const { paths, problems } = traceIptablesSteps(rules.ruleset, packet, host);
    const told = problems.map(({ kind, table, chain, rule, detail }) =>
      problem(kind, `${table} ${chain} ${rule + 1}`, detail),
    );
    return { paths, problems: [...rules.unread, ...told] };
  }
  const { paths, problems } = traceNftablesSteps(rules.ruleset, packet, host);
  const told = problems.map(({ kind, chain, rule, detail }) => problem(kind, `${chain} ${rule + 1}`, detail));
  return {
    paths: paths.map(({ steps, ...path }) => ({
      ...path,
      steps: steps.map(({ found, ...step }) => ({
        table: '',
        ...step,
        ...(found === undefined ? {} : { element: describeElement(found.element), owner: found.owner }),
      })),
    })),
    problems: [...rules.unread, ...told],
  };
}

const problemWords: Readonly<Record<string, string>> = {
  opaque: 'there is no model for',
  opaqueMatch: 'there is no model for',
  opaqueTarget: 'there is no model for',
  partial: 'cannot read all elements of',
  unknownInterface: 'only the routing table knows whether the packet leaves by',
  missing: 'found no chain, set or map named',
  missingChain: 'found no chain named',
  loop: 'it jumps in a circle through',
  misplaced: 'the kernel does not allow here:',
  misplacedTarget: 'the kernel does not allow here:',
};

function problem(kind: string, place: string, detail: string): PacketRemark {
  return { code: `rule-${kind.toLowerCase()}`, text: `rule ${place}: ${problemWords[kind] ?? kind} ${detail}` };
}

/** `10.96.0.1 . tcp . 80 : goto service-A`, as nft lists it. */
function describeElement({ key, value }: ForeignElement): string {
  const parts = key.map((part) => (part === 'TCP' || part === 'UDP' || part === 'SCTP' ? part.toLowerCase() : part));
  const text = parts.join(' . ');
  if (value === undefined) return text;
  if (value.kind === 'destination') return `${text} : ${value.address} . ${value.port}`;
  return `${text} : ${value.kind}${'chain' in value ? ` ${value.chain}` : ''}`;
}
