/** The rules on a packet's way: one after the other, and below each other where chance decides. */
import type { WalkStep } from './explanation.ts';
import { outcomeSpan, shareText, span } from './report-words.ts';
import type { TreeNode } from './tree.ts';

/** Ways that open at one rule; the others are like these. */
const maxWays = 4;

export function reportSteps(steps: readonly WalkStep[]): readonly TreeNode[] {
  if (steps.length > 1) return reportWays(steps);
  const nodes: TreeNode[] = [];
  let [at] = steps;
  while (at !== undefined) {
    const { next, outcomes = [] } = at;
    const isFork = next.length + outcomes.length > 1;
    nodes.push(reportStep(at, isFork ? reportFork(at) : outcomes.map(reportEnd)));
    at = isFork ? undefined : next[0];
  }
  return nodes;
}

function reportStep({ place, rule, element, service }: WalkStep, children: readonly TreeNode[]): TreeNode {
  const found = element === undefined ? [] : [span(` has ${element}`, 'dim')];
  const owner = service === undefined ? [] : [span(` [${service}]`, 'dim')];
  return { spans: [span(`${place}: `, 'strong'), span(rule), ...found, ...owner], children };
}

function reportEnd(outcome: Parameters<typeof outcomeSpan>[0]): TreeNode {
  return { spans: [span('=> ', 'dim'), outcomeSpan(outcome)], children: [] };
}

function reportFork({ next, outcomes = [] }: WalkStep): readonly TreeNode[] {
  return [...reportWays(next), ...outcomes.map((outcome) => reportEnd(outcome))];
}

function reportWays(ways: readonly WalkStep[]): readonly TreeNode[] {
  const shown = ways.slice(0, maxWays).map((way): TreeNode => {
    const [first, ...rest] = reportSteps([way]);
    const start = first?.children ?? [];
    return {
      spans: [span(`${shareText(way.share)} `, 'strong'), ...(first?.spans ?? [])],
      children: [...start, ...rest],
    };
  });
  const hidden = ways.length - shown.length;
  return hidden === 0
    ? shown
    : [...shown, { spans: [span(`and ${hidden} more ways like these`, 'dim')], children: [] }];
}
