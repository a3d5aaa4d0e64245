import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../../src/core/model/packet.ts';
import type {
  NamedSet,
  NftablesChain,
  NftablesMatch,
  NftablesRule,
  Statement,
} from '../../../../src/core/nftables/ruleset.ts';
import { ip } from '../../../support/objects.ts';
import {
  always,
  arriving,
  base,
  block,
  dnat,
  drop,
  fate,
  goTo,
  rulesetOf,
  sent,
  setOf,
  when,
} from '../../../support/trace/nftables.ts';

/** Whether the match holds for the packet at the first filter chain that it meets. */
function holds(match: NftablesMatch, packet: Packet = arriving(), sets: readonly NamedSet[] = []): boolean {
  const hook = packet.inputInterface === undefined ? 'output' : 'prerouting';
  return fate(rulesetOf([base('filter', hook, [when([match], drop)])], sets), packet) === 'drop';
}

const other = ip('198.51.100.7');

describe('matches', () => {
  it.each<[NftablesMatch, Packet, Packet]>([
    [{ kind: 'block', field: 'saddr', block: block('203.0.113.0/24') }, arriving(), arriving({ source: other })],
    [{ kind: 'block', field: 'daddr', block: block('10.96.0.0/16') }, arriving(), arriving({ destination: other })],
    [{ kind: 'protocols', protocols: ['UDP', 'SCTP'] }, arriving({ protocol: 'SCTP' }), arriving({ protocol: 'TCP' })],
    [{ kind: 'local', field: 'daddr' }, arriving({ destination: ip('192.0.2.2') }), arriving()],
    [{ kind: 'local', field: 'daddr' }, arriving({ destination: ip('127.0.0.9') }), arriving()],
    [{ kind: 'local', field: 'saddr' }, sent(), arriving()],
    [{ kind: 'inputInterface', name: 'probe-in' }, arriving(), arriving({ inputInterface: 'probe-in2' })],
    [{ kind: 'inputInterface', name: 'probe*' }, arriving(), arriving({ inputInterface: 'prob' })],
    [{ kind: 'inputInterface', name: 'probe-in' }, arriving(), sent()],
  ])('%o', (match, yes, no) => {
    expect([holds(match, yes), holds(match, no)]).toEqual([true, false]);
    if (match.kind !== 'block' && match.kind !== 'protocols' && match.kind !== 'inputInterface') return;
    expect([holds({ ...match, negated: true }, yes), holds({ ...match, negated: true }, no)]).toEqual([false, true]);
  });

  it('gives packets that open a connection the state new', () => {
    expect(holds({ kind: 'ctState', state: 'new' })).toBe(true);
    expect(holds({ kind: 'ctState', state: 'invalid' })).toBe(false);
  });

  it('must all hold', () => {
    const matches: NftablesMatch[] = [
      { kind: 'ctState', state: 'new' },
      { kind: 'markBit', bit: 4 },
    ];
    expect(fate(rulesetOf([base('filter', 'forward', [when(matches, drop)])]))).toBe('pass');
  });

  it('test only their own bit of the mark', () => {
    const mark = (...statements: readonly Statement[]) =>
      fate(rulesetOf([base('filter', 'forward', [always(...statements), when([{ kind: 'markBit', bit: 4 }], drop)])]));
    expect(mark({ kind: 'setMarkBit', bit: 8 })).toBe('pass');
    expect(mark({ kind: 'setMarkBit', bit: 8 }, { kind: 'setMarkBit', bit: 4 }, { kind: 'clearMarkBit', bit: 8 })).toBe(
      'drop',
    );
    expect(mark({ kind: 'setMarkBit', bit: 4 }, { kind: 'clearMarkBit', bit: 4 })).toBe('pass');
  });

  it.each<[string, NftablesRule[], string, string]>([
    ['was rewritten', [always(dnat('10.1.1.1'))], 'drop', '10.1.1.1:8080'],
    ['was not', [], 'pass', 'drop'],
    ['was given what it had', [always(dnat('10.96.0.1', 80))], '10.96.0.1:80', 'drop'],
  ])('tests whether the destination %s', (_, rules, plain, negated) => {
    const seen = (match: NftablesMatch) =>
      fate(rulesetOf([base('nat', 'prerouting', rules), base('filter', 'forward', [when([match], drop)])]));
    expect(seen({ kind: 'destinationRewritten' })).toBe(plain);
    expect(seen({ kind: 'destinationRewritten', negated: true })).toBe(negated);
  });
});

describe('sets', () => {
  const look: NftablesMatch = { kind: 'in', key: ['daddr', 'l4proto', 'dport'], set: 'set' };

  it('match an element; negated, they match a missing one', () => {
    const sets = [setOf('set', ['address', 'protocol', 'port'], { elements: [{ key: [ip('10.96.0.1'), 'UDP', 80] }] })];
    expect(holds(look, arriving(), sets)).toBe(true);
    expect(holds({ ...look, negated: true }, arriving(), sets)).toBe(false);
    expect(holds({ ...look, negated: true }, arriving({ port: 81 }), sets)).toBe(true);
  });

  it('look up the rewritten destination', () => {
    const sets = [setOf('set', ['address', 'port'], { elements: [{ key: [ip('10.1.1.1'), 8080] }] })];
    const chains = [
      base('nat', 'prerouting', [always(dnat('10.1.1.1'))]),
      base('filter', 'forward', [when([{ kind: 'in', key: ['daddr', 'dport'], set: 'set' }], drop)]),
    ];
    expect(fate(rulesetOf(chains, sets))).toBe('drop');
  });

  it('finds addresses in blocks of any length', () => {
    const elements = ['203.0.113.0/24', '203.0.112.0/25', '198.51.100.7/32', '198.51.100.9'].map((source) => ({
      key: [ip('10.96.0.1'), 80, source.includes('/') ? block(source) : ip(source)],
    }));
    const sets = [setOf('ranges', ['address', 'port', 'address'], { isInterval: true, elements })];
    const inRanges: NftablesMatch = { kind: 'in', key: ['daddr', 'dport', 'saddr'], set: 'ranges' };
    const found = (source: string, port = 80) => holds(inRanges, arriving({ source: ip(source), port }), sets);
    expect(['203.0.113.9', '203.0.112.127', '198.51.100.7', '198.51.100.9'].every((each) => found(each))).toBe(true);
    expect(['203.0.114.9', '203.0.112.128', '198.51.100.8'].some((each) => found(each))).toBe(false);
    expect(found('203.0.113.9', 81)).toBe(false);
  });

  it('finds elements of any owner', () => {
    const groups = [['a', 'b'].map((owner, i) => ({ owner, elements: [{ key: [80 + i] }] }))];
    const sets = [setOf('ports', ['port'], { groups })];
    const inPorts: NftablesMatch = { kind: 'in', key: ['dport'], set: 'ports' };
    expect([80, 81, 82].map((port) => holds(inPorts, arriving({ port }), sets))).toEqual([true, true, false]);
  });
});

describe('affinity', () => {
  const remember = { kind: 'remember', set: 'clients-1' } as const;
  const sets = ['clients-1', 'clients-2'].map((name) => setOf(name, ['address'], { timeoutSeconds: 60 }));
  const look = (set: string, target: string): NftablesRule => when([{ kind: 'in', key: ['saddr'], set }], goTo(target));
  const pick: NftablesRule[] = [
    look('clients-1', 'endpoint-1'),
    look('clients-2', 'endpoint-2'),
    always({ kind: 'chooseChain', chains: ['endpoint-1', 'endpoint-2'] }),
  ];
  const endpoints: NftablesChain[] = [
    { name: 'endpoint-1', rules: [always(remember, dnat('10.1.1.1'))] },
    { name: 'endpoint-2', rules: [always({ ...remember, set: 'clients-2' }), always(dnat('10.1.1.2'))] },
  ];
  const ruleset = rulesetOf([base('nat', 'prerouting', pick), ...endpoints], sets);

  it.each([
    ['a new client to any endpoint', undefined, '10.1.1.1:8080 1/2, 10.1.1.2:8080 1/2'],
    ['a known client back to its own', '10.1.1.1:8080', '10.1.1.1:8080'],
    ['the same where the next rule rewrites', '10.1.1.2:8080', '10.1.1.2:8080'],
    ['a client of an endpoint that is gone to any', '10.1.1.3:8080', '10.1.1.1:8080 1/2, 10.1.1.2:8080 1/2'],
  ])('sends %s', (_, remembered, wanted) => {
    expect(fate(ruleset, arriving(remembered === undefined ? {} : { remembered }))).toBe(wanted);
  });
});
