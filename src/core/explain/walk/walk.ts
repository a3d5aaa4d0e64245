/** Traces a packet through rules. The result is a tree of rules that branches at random choices. */
import type { Distribution, Packet, TraceHost } from '../../model/packet.ts';
import { add, type Rational, zero } from '../../structures/rational.ts';
import { shareOf } from '../../structures/share.ts';
import { type DistributionPart, mix } from '../../trace/distribution.ts';
import type { Walk, WalkStep } from '../explanation.ts';
import { outcomeShares } from '../shares.ts';
import { ownerOf } from './owner.ts';
import { type RulePath, type Step, tracePaths } from './paths.ts';
import type { WalkedRules } from './rules.ts';

export interface Walked {
  readonly walk: Walk;
  readonly distribution: Distribution;
}

export function walkRules(rules: WalkedRules, packet: Packet, host: TraceHost): Walked {
  const { paths, problems } = tracePaths(rules, packet, host);
  const root = emptyBranch();
  for (const path of paths) addPath(root, path);
  const distribution = mix(paths);
  const steps = stepsOf(root, { rules, service: undefined });
  return {
    walk: { mode: rules.mode, origin: rules.origin, outcomes: outcomeShares(distribution), steps, problems },
    distribution,
  };
}

/** All paths with the same steps so far. */
interface Branch {
  weight: Rational;
  readonly ends: DistributionPart[];
  readonly next: Map<string, { readonly step: Step; readonly branch: Branch }>;
}

function emptyBranch(): Branch {
  return { weight: zero, ends: [], next: new Map() };
}

function addPath(root: Branch, { steps, outcome, probability }: RulePath): void {
  let at = root;
  for (const step of steps) {
    const key = Object.values(step).join('\n');
    const known = at.next.get(key) ?? { step, branch: emptyBranch() };
    at.next.set(key, known);
    at = known.branch;
    at.weight = add(at.weight, probability);
  }
  at.ends.push({ outcome, probability });
}

interface Surrounding {
  readonly rules: WalkedRules;
  /** The Service of the previous step. */
  readonly service: string | undefined;
}

function stepsOf({ next }: Branch, { rules, service }: Surrounding): readonly WalkStep[] {
  return [...next.values()].map(({ step, branch }) => {
    const { table, chain, rule, element } = step;
    const listed = rule === 'policy' ? undefined : rules.list(table, chain, rule);
    const owner = ownerOf(step, listed?.comment, service);
    const place = [table, chain, rule === 'policy' ? 'policy' : rule + 1].filter((part) => part !== '').join(' ');
    return {
      place,
      rule: listed?.text ?? 'drop',
      ...(listed?.comment === undefined ? {} : { comment: listed.comment }),
      ...(owner === undefined ? {} : { service: owner }),
      ...(element === undefined ? {} : { element }),
      share: shareOf(branch.weight),
      next: stepsOf(branch, { rules, service: owner }),
      ...(branch.ends.length === 0 ? {} : { outcomes: outcomeShares(mix(branch.ends)) }),
    };
  });
}
