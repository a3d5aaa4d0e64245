/** Draws an explanation for people: a headline, and a tree of reasons. */
import { formatHostPort } from '../../model/address.ts';
import { shareText } from '../../structures/share.ts';
import type { EndpointAccount, Explanation, OutcomeShare, Walk } from '../explanation.ts';
import { reportSteps } from './steps.ts';
import { layoutTree, type StyledLine, type TreeNode, wrap } from './tree.ts';
import { outcomeSpan, span, styleOf } from './words.ts';

/** Lines of at most `width` columns where their words allow it. */
export function reportExplanation(explanation: Explanation, width: number): readonly StyledLine[] {
  const { verdict, headline, walk } = explanation;
  const isDifferent = walk?.agreement === 'different';
  return [
    [span(titleOf(explanation), 'strong')],
    ...wrap([span(headline, isDifferent ? 'bad' : styleOf(verdict))], width),
    ...layoutTree(sectionsOf(explanation), width),
  ];
}

function titleOf({ question, packet, node }: Explanation): string {
  const where = node === '' ? '' : ` on ${node}`;
  if (packet === undefined) return `${question.source} -> ${question.destination}${where}`;
  const { source, destination, port, protocol } = packet;
  return `${source} -> ${formatHostPort(destination, port)}/${protocol}${where}`;
}

function sectionsOf(explanation: Explanation): readonly TreeNode[] {
  const { sender, target, decisions, reasons, notes, walk } = explanation;
  return [
    ...(sender === undefined ? [] : [section('from', sender.text)]),
    section('to', target.text),
    ...decisions.map(({ topic, text }) => section(topic, text)),
    ...reasons.map(({ text }): TreeNode => ({ label: 'why', spans: [span(text, 'bad')], children: [] })),
    ...reportEndpoints(explanation),
    ...reportOutcomes(explanation),
    ...(walk === undefined ? [] : [reportWalk(walk)]),
    ...notes.map(({ text }) => section('note', text)),
  ];
}

function section(label: string, text: string, children: readonly TreeNode[] = []): TreeNode {
  return { label, spans: [span(text)], children };
}

/** At most this many are listed; the rest are counted. */
const maxEndpoints = 20;

function reportEndpoints({ endpoints }: Explanation): readonly TreeNode[] {
  if (endpoints.length === 0) return [];
  const count = endpoints.filter(({ takesPart }) => takesPart).length;
  const shown = endpoints.slice(0, maxEndpoints).map(reportEndpoint);
  const hidden = endpoints.length - shown.length;
  const more = hidden === 0 ? [] : [{ label: '...', spans: [span(`${hidden} more`, 'dim')], children: [] }];
  return [section('endpoints', `${count} of ${endpoints.length} take part`, [...shown, ...more])];
}

function reportEndpoint({ endpoint, node, takesPart, reason, share, masquerade }: EndpointAccount): TreeNode {
  const where = `${node === undefined ? '' : ` on ${node}`}${masquerade === true ? ', masqueraded' : ''}`;
  return {
    label: share === undefined ? 'out' : shareText(share),
    spans: [span(`${endpoint}${where}: `), span(reason.text, takesPart ? 'good' : 'bad')],
    children: [],
  };
}

/** Not shown if all packets are delivered: the list of endpoints has the same shares. */
function reportOutcomes({ outcomes, endpoints, verdict }: Explanation): readonly TreeNode[] {
  if (outcomes.length < 2 || (verdict === 'delivered' && endpoints.length > 0)) return [];
  const shown = outcomes.slice(0, maxEndpoints).map(
    (outcome): TreeNode => ({
      label: shareText(outcome.share),
      spans: [outcomeSpan(outcome)],
      children: [],
    }),
  );
  const hidden = outcomes.length - shown.length;
  return [section('outcomes', hidden === 0 ? `${shown.length}` : `${outcomes.length}, ${hidden} not shown`, shown)];
}

const agreementText = {
  same: 'and the dump matches the Services',
  different: 'but the dump does not match the Services',
  unknown: 'it is unknown whether the dump matches the Services',
} as const;

function reportWalk(walk: Walk): TreeNode {
  const { mode, origin, steps, problems, agreement } = walk;
  const whose = origin === 'compiled' ? `as rulewright compiles them for ${mode}` : `from the dump (${mode})`;
  const met = steps.length === 0 ? 'no rule matches' : 'the matching rules';
  const agreeing = agreement === undefined ? '' : `; ${agreementText[agreement]}`;
  const differing = agreement === 'different' ? walk.outcomes.map(differingOutcome) : [];
  return {
    label: 'rules',
    spans: [span(`${met}, ${whose}`), span(agreeing, agreement === 'same' ? 'good' : 'bad')],
    children: [
      ...problems.map(({ text }): TreeNode => ({ spans: [span(text, 'warn')], children: [] })),
      ...differing,
      ...reportSteps(steps),
    ],
  };
}

function differingOutcome(outcome: OutcomeShare): TreeNode {
  return { spans: [span(`in the dump ${shareText(outcome.share)} `, 'warn'), outcomeSpan(outcome)], children: [] };
}
