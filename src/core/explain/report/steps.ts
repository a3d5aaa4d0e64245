/** Draws the rules on a packet's path, with branches at random choices. */
import { shareText } from '../../structures/share.ts';
import type { OutcomeShare, WalkStep } from '../explanation.ts';
import type { TreeNode } from './tree.ts';
import { outcomeSpan, span } from './words.ts';

/** At most this many branches are drawn at one rule; the rest are similar. */
const maxWays = 4;

export function reportSteps(steps: readonly WalkStep[]): readonly TreeNode[] {
  return steps.length > 1 ? reportWays(steps, []) : reportWay(steps[0]);
}

/** The rules up to the next branch or the end. */
function reportWay(first: WalkStep | undefined): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = first;
  while (at !== undefined) {
    const { next, outcomes = [] } = at;
    const isFork = next.length + outcomes.length > 1;
    nodes.push(reportStep(at, isFork ? reportWays(next, outcomes) : outcomes.map(reportEnd)));
    at = isFork ? undefined : next[0];
  }
  return nodes;
}

function reportStep({ place, rule, element, service, comment }: WalkStep, children: readonly TreeNode[]): TreeNode {
  const found = element === undefined ? [] : [span(' has ', 'dim'), span(element)];
  const about = service ?? comment;
  const aside = about === undefined ? [] : [span(` [${about}]`, 'dim')];
  const text = rule === '' ? 'counts packets and continues' : rule;
  return { spans: [span(`${place}: `, 'strong'), span(text), ...found, ...aside], children };
}

function reportEnd(outcome: OutcomeShare): TreeNode {
  return { spans: [span('=> ', 'dim'), outcomeSpan(outcome)], children: [] };
}

function reportWays(ways: readonly WalkStep[], ends: readonly OutcomeShare[]): readonly TreeNode[] {
  const shown = ways
    .slice(0, maxWays)
    .map((way, i) => withShare(way, reportLikeness(way, ways.slice(0, i)) ?? reportWay(way)));
  const hidden = ways.length - shown.length;
  const more = hidden === 0 ? [] : [{ spans: [span(`and ${hidden} more branches like these`, 'dim')], children: [] }];
  return [...shown, ...more, ...ends.map(reportEnd)];
}

/** The first rule of a branch with its share; the following rules are below it. */
function withShare(way: WalkStep, [first, ...rest]: readonly TreeNode[]): TreeNode {
  return {
    spans: [span(`${shareText(way.share)} `, 'strong'), ...(first?.spans ?? [])],
    children: [...(first?.children ?? []), ...rest],
  };
}

/** Shortens a branch that ends with the same rules as an earlier one. Undefined if it does not. */
function reportLikeness(way: WalkStep, before: readonly WalkStep[]): readonly TreeNode[] | undefined {
  const own = straightWay(way);
  const same = Math.max(0, ...before.map((other) => commonEnd(own, straightWay(other))));
  if (same < 2) return undefined;
  const told = own.slice(0, own.length - same).map((step) => reportStep(step, []));
  const outcome = own.at(-1)?.outcomes?.[0];
  const end: TreeNode = {
    spans: [
      span(`the same ${same} rules as above `, 'dim'),
      ...(outcome === undefined ? [] : [span('=> ', 'dim'), outcomeSpan(outcome)]),
    ],
    children: [],
  };
  return [...told, end];
}

/** The steps of a path without branches; empty if it branches. */
function straightWay(way: WalkStep): readonly WalkStep[] {
  const steps: WalkStep[] = [];
  for (let at: WalkStep | undefined = way; at !== undefined; at = at.next[0]) {
    if (at.next.length + (at.outcomes?.length ?? 0) !== 1) return [];
    steps.push(at);
  }
  return steps;
}

/** The number of rules at the end that both share, without the first rule of `own`. */
function commonEnd(own: readonly WalkStep[], others: readonly WalkStep[]): number {
  let same = 0;
  while (same < own.length - 1 && isSameRule(own.at(-1 - same), others.at(-1 - same))) same += 1;
  return same;
}

function isSameRule(a: WalkStep | undefined, b: WalkStep | undefined): boolean {
  return a !== undefined && b !== undefined && a.place === b.place && a.element === b.element;
}
