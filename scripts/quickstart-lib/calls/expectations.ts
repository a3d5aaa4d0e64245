/** Compares the results with the expectations: each comparison is a separate check. */
import type { AnswerTally, CallReport } from '../../lab/agent/messages.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Call, SeenAs, SeenBy, Share } from '../description/traffic.ts';

export interface Check {
  readonly held: boolean;
  /** What was seen and what was expected. */
  readonly text: string;
}

/** One pod's part in a call. */
export interface PodResult {
  readonly pod: string;
  readonly expected: Share | undefined;
  readonly connections: number;
  readonly seenAs: SeenAs | 'both' | undefined;
  readonly checks: readonly Check[];
}

export interface CallResult {
  readonly call: Call;
  readonly report: CallReport;
  readonly pods: readonly PodResult[];
  /** Checks on the call as a whole. */
  readonly checks: readonly Check[];
}

/**
 * Standard deviations that a share may be off. A fair choice goes past five once in 1.7 million checks, and a run makes
 * about a hundred of them.
 */
const sigmas = 5;

/** So many clients do not all choose the same one of three pods: that happens once in 177,147 runs. */
const crowd = 12;

/** An ICMP error comes back at once; a second is only reached when the connection had to be tried again. */
const promptMs = 500;

export function judgeCall(call: Call, report: CallReport, network: Network): CallResult {
  const { expect } = call;
  switch (expect.kind) {
    case 'fails':
      return { call, report, pods: [], checks: judgeFailures(report, call, expect.how) };
    case 'answers': {
      const pods = [...expect.shares].map(([pod, share]) => judgeShare(pod, share, { call, report, network }));
      return { call, report, pods, checks: judgeTotal(call, report, [...expect.shares.keys()]) };
    }
    case 'sticks': {
      const pods = expect.pods.map((pod) => judgePeers(pod, expect.seenAs, { call, report, network }));
      const checks = [...judgeTotal(call, report, expect.pods), ...judgeStickiness(call, report)];
      return { call, report, pods, checks };
    }
  }
}

interface Case {
  readonly call: Call;
  readonly report: CallReport;
  readonly network: Network;
}

function judgeTotal({ connections }: Call, report: CallReport, expected: readonly string[]): Check[] {
  const answered = sum(report.answers);
  const failures = report.failures.map(({ reason, count }) => `, ${count} ${reason}`).join('');
  const strangers = report.answers.filter(({ pod }) => !expected.includes(pod));
  return [
    { held: answered === connections, text: `${answered} of ${connections} connections were answered${failures}` },
    ...strangers.map(({ pod, count }) => ({ held: false, text: `${pod} answered ${count} times, expected never` })),
  ];
}

function judgeShare(pod: string, share: Share, { call, report, network }: Case): PodResult {
  const seenBy = call.expect.kind === 'answers' ? call.expect.seenAs : new Map();
  const { connections: count, seenAs, checks } = judgePeers(pod, seenBy, { call, report, network });
  const mean = call.connections * share.value;
  const bound = sigmas * Math.sqrt(mean * (1 - share.value));
  const expected = `${share.text} (${mean.toFixed(0)} ± ${bound.toFixed(0)})`;
  const text = `${pod} answered ${count} of ${call.connections}, expected ${expected}`;
  const held = Math.abs(count - mean) <= bound + 0.5;
  return { pod, expected: share, connections: count, seenAs, checks: [{ held, text }, ...checks] };
}

/** Whose address the pod saw; none when it answered no call. */
function judgePeers(pod: string, seenBy: SeenBy, { call, report, network }: Case): PodResult {
  const answers = report.answers.filter((answer) => answer.pod === pod);
  const wanted = seenBy.get(pod);
  const kinds = new Set(answers.map((answer) => whoIs(answer, call, network)));
  const seenAs = kinds.size > 1 ? 'both' : [...kinds][0];
  const base = { pod, expected: undefined, connections: sum(answers) };
  if (seenAs === undefined) return { ...base, seenAs: undefined, checks: [] };
  const peers = [...new Set(answers.map(({ peer }) => peer))].join(', ');
  const check = { held: seenAs === wanted, text: `${pod} saw ${peers}, expected the ${wanted}` };
  return { ...base, seenAs: seenAs === 'stranger' ? undefined : seenAs, checks: [check] };
}

function whoIs({ source, peer }: AnswerTally, call: Call, { node }: Network): SeenAs | 'stranger' {
  if (peer === source && call.sources.includes(source)) return 'caller';
  const addresses = [...node.addresses.map((address) => address.split('/')[0]), ...node.gateways];
  return addresses.includes(peer) ? 'node' : 'stranger';
}

function judgeStickiness({ sources, from }: Call, report: CallReport): Check[] {
  const podsOf = (source: string): string[] => report.answers.filter((a) => a.source === source).map((a) => a.pod);
  const each = sources.map((source) => {
    const pods = new Set(podsOf(source));
    return {
      held: pods.size === 1,
      text: `${source} (${from}) was answered by ${[...pods].join(' and ')}, expected one`,
    };
  });
  if (sources.length < crowd) return each;
  const pods = new Set(report.answers.map(({ pod }) => pod));
  return [
    ...each,
    { held: pods.size > 1, text: `${sources.length} clients shared ${pods.size} pods, expected several` },
  ];
}

function judgeFailures(report: CallReport, { connections }: Call, how: string): Check[] {
  const failed = report.failures.filter(({ reason }) => reason === how).reduce((total, { count }) => total + count, 0);
  const others = report.failures.filter(({ reason }) => reason !== how).map(({ reason }) => `, ${reason}`);
  const answered = sum(report.answers);
  const text = `${failed} of ${connections} connections were ${how}, ${answered} answered${others.join('')}`;
  const checks = [{ held: failed === connections, text }];
  if (how !== 'refused') return checks;
  const prompt = `refused within ${report.medianMs.toFixed(1)} ms, expected at once`;
  return [...checks, { held: report.medianMs < promptMs, text: prompt }];
}

function sum(answers: readonly AnswerTally[]): number {
  return answers.reduce((total, { count }) => total + count, 0);
}
