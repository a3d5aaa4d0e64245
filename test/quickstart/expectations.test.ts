import { describe, expect, test } from 'vitest';
import type { CallReport } from '../../scripts/lab/agent/messages.ts';
import type { Network } from '../../scripts/lab/network/network.ts';
import { judgeCall } from '../../scripts/quickstart-lib/calls/expectations.ts';
import type { Call, Expectation } from '../../scripts/quickstart-lib/description/traffic.ts';

const node = { name: 'n', addresses: ['192.0.2.10/24'], podCidrs: [], gateways: ['10.0.0.1'] };
const network: Network = { node, otherNodes: [], clusterCidrs: [], outsideAddresses: [], routedToNode: [], pods: [] };
const half = { text: '1/2', value: 1 / 2 };
const evenly: Expectation = {
  kind: 'answers',
  shares: new Map([
    ['a', half],
    ['b', half],
  ]),
  seenAs: new Map([
    ['a', 'caller'],
    ['b', 'node'],
  ]),
};

/** `a caller 50`: pod a answered 50 connections and saw its caller. `refused 3`: three failed so. */
function broken(expectation: Expectation, ...seen: string[]): string[] {
  const sources = ['10.0.0.5', '10.0.0.6'];
  const to = { protocol: 'http', address: '10.9.0.1', port: 80, text: '10.9.0.1:80' } as const;
  const call: Call = { service: 's', from: 'p', sources, to, connections: 100, expect: expectation, note: undefined };
  const { checks, pods } = judgeCall(call, reportOf(seen), network);
  const all = [...checks, ...pods.flatMap((pod) => pod.checks)];
  expect(all).not.toEqual([]);
  return all.filter(({ held }) => !held).map(({ text }) => text);
}

function reportOf(seen: readonly string[]): CallReport {
  const peers: Record<string, string> = { caller: '10.0.0.5', node: '10.0.0.1', other: '10.0.0.99' };
  const words = seen.map((line) => line.split(' '));
  return {
    answers: words
      .filter((line) => line.length >= 3)
      .map(([pod = '', as = '', count, source = '10.0.0.5']) => {
        return { pod, source, peer: peers[as] ?? as, count: Number(count) };
      }),
    failures: words
      .filter((line) => line.length === 2)
      .map(([reason = '', count]) => ({ reason, source: '10.0.0.5', count: Number(count) })),
    elapsedMs: 1,
    medianMs: seen.includes('slowly') ? 1_000 : 1,
  };
}

describe('answers', () => {
  test('hold when the shares are about right', () => {
    expect(broken(evenly, 'a caller 50', 'b node 50')).toEqual([]);
    expect(broken(evenly, 'a caller 75', 'b node 25')).toEqual([]);
  });

  test.each([
    ['one pod gets too much', ['a caller 76', 'b node 24'], 'a answered 76 of 100, expected 1/2 (50 ± 25)'],
    ['one pod gets nothing', ['a caller 100'], 'b answered 0 of 100, expected 1/2 (50 ± 25)'],
    ['a stranger answers', ['a caller 50', 'b node 49', 'c node 1'], 'c answered 1 times, expected never'],
    ['some fail', ['a caller 50', 'b node 49', 'dropped 1'], '99 of 100 connections were answered, 1 dropped'],
    ['masquerading is missing', ['a caller 50', 'b caller 50'], 'b saw 10.0.0.5, expected the node'],
    ['masquerading is too much', ['a node 50', 'b node 50'], 'a saw 10.0.0.1, expected the caller'],
    ['it happens sometimes', ['a caller 49', 'a node 1', 'b node 50'], 'a saw 10.0.0.5, 10.0.0.1, expected the caller'],
    ['somebody else is seen', ['a other 50', 'b node 50'], 'a saw 10.0.0.99, expected the caller'],
  ])('do not hold when %s', (_, seen, complaint) => {
    expect(broken(evenly, ...seen)).toContain(complaint);
  });
});

describe('sticks', () => {
  const sticky: Expectation = {
    kind: 'sticks',
    pods: ['a', 'b'],
    seenAs: new Map([
      ['a', 'node'],
      ['b', 'node'],
    ]),
  };

  test('holds when each client has one pod', () => {
    expect(broken(sticky, 'a node 50 10.0.0.5', 'b node 50 10.0.0.6')).toEqual([]);
  });

  test('does not hold when a client changes pods', () => {
    expect(broken(sticky, 'a node 50 10.0.0.5', 'a node 49 10.0.0.6', 'b node 1 10.0.0.6')).toEqual([
      '10.0.0.6 (p) was answered by a and b, expected one',
    ]);
  });
});

describe('fails', () => {
  const refused: Expectation = { kind: 'fails', how: 'refused' };

  test('holds when all are refused at once', () => {
    expect(broken(refused, 'refused 100')).toEqual([]);
    expect(broken({ kind: 'fails', how: 'dropped' }, 'dropped 100')).toEqual([]);
  });

  test('does not hold when it takes long, or fails in another way, or is answered', () => {
    expect(broken(refused, 'refused 100', 'slowly')).toEqual(['refused within 1000.0 ms, expected at once']);
    expect(broken(refused, 'refused 99', 'dropped 1')).toEqual([
      '99 of 100 connections were refused, 0 answered, dropped',
    ]);
    expect(broken(refused, 'refused 99', 'a node 1')).toEqual(['99 of 100 connections were refused, 1 answered']);
  });
});
