/** Compares the tracer with the kernel, for each special behaviour of the kernel. */
import { expect, it } from 'vitest';
import { hostCidr } from '../../../src/core/model/cidr.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import type {
  Element,
  NamedSet,
  NftablesChain,
  NftablesMatch,
  NftablesRule,
  NftablesRuleset,
} from '../../../src/core/nftables/ruleset.ts';
import { traceNftables } from '../../../src/core/trace/nftables/trace.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { ip } from '../../support/objects.ts';
import { agree, compareCounts, manyTimes, patienceMs, probeNftables } from '../../support/trace/kernel/nftables.ts';
import { probeHosts } from '../../support/trace/kernel/probe.ts';
import {
  accept,
  always,
  arriving,
  base,
  block,
  chain,
  destination,
  dnat,
  drop,
  goTo,
  jump,
  masquerade,
  reject,
  rulesetOf,
  sent,
  setOf,
  when,
} from '../../support/trace/nftables.ts';

const ports = (...numbers: readonly number[]) => numbers.map((port) => arriving({ port }));
const isPort = (port: number): NftablesMatch => ({ kind: 'in', key: ['dport'], set: `port-${port}` });
const portSets = (...numbers: readonly number[]) =>
  numbers.map((port) => setOf(`port-${port}`, ['port'], { elements: [{ key: [port] }] }));
const isMarked: NftablesMatch = { kind: 'markBit', bit: 14 };
const mark = always({ kind: 'setMarkBit', bit: 14 });
const transports: NftablesMatch = { kind: 'protocols', protocols: ['TCP', 'UDP', 'SCTP'] };
const named = (name: string, hooked: NftablesChain): NftablesChain => ({ ...hooked, name });
const leave = always({ kind: 'return' });

const here = { destination: ip('192.0.2.1') };
const mainPackets = [arriving(), arriving(here), sent(), sent(here)];

function verdictRuleset(): NftablesRuleset {
  const elements: Element[] = [
    { key: [80], value: { kind: 'goto', chain: 'empty' } },
    { key: [443], value: { kind: 'jump', chain: 'empty' } },
    { key: [53], value: { kind: 'drop' } },
    { key: [8080], value: { kind: 'jump', chain: 'on' } },
    { key: [9090], value: { kind: 'goto', chain: 'on' } },
  ];
  const verdicts = setOf('verdicts', ['port'], { value: 'verdict', elements });
  return rulesetOf(
    [
      chain('empty'),
      chain('returning', leave, always(drop)),
      chain('on', always(goTo('returning')), always(drop)),
      base('filter', 'forward', [always({ kind: 'verdictMap', key: ['dport'], map: 'verdicts' }), always(reject)]),
    ],
    [verdicts],
  );
}

describeKernel('nftables tracer = kernel', () => {
  it.each(['prerouting', 'input', 'forward', 'output', 'postrouting'] as const)(
    'which packets pass %s',
    async (hook) => {
      await agree(rulesetOf([base('filter', hook, [always(drop)])]), mainPackets);
    },
  );

  it('where jump, goto and return lead, and what a verdict map without an element does', async () => {
    await agree(verdictRuleset(), ports(80, 443, 53, 8080, 9090, 30080));
  });

  it('which of two chains with one priority comes first', async () => {
    const first = named('first', base('filter', 'forward', [always(drop)]));
    const second = named('second', base('filter', 'forward', [always(reject)]));
    await agree(rulesetOf([first, second]), [arriving()]);
    const early = named(
      'early',
      base('filter', 'forward', [when([isPort(80)], accept), always(drop)], { priority: -1 }),
    );
    await agree(rulesetOf([second, early], portSets(80)), ports(80, 443));
  });

  it('the position of nat chains among other chains, and that the first rewrite ends them', async () => {
    const rewritten: NftablesMatch = { kind: 'destinationRewritten' };
    const rules = [
      when([isPort(80)], accept),
      when([isPort(443), transports], dnat('10.1.1.1', 9090)),
      when([transports], dnat('10.1.1.1')),
    ];
    const nat = base('nat', 'prerouting', rules, { priority: 50 });
    const later = named('later', base('nat', 'prerouting', [when([transports], dnat('10.1.1.2'))], { priority: 60 }));
    // The port is the new one by then.
    const sees = base('filter', 'prerouting', [when([rewritten, isPort(9090)], drop)], { priority: -99 });
    const unseen = named('before', base('filter', 'prerouting', [when([rewritten], drop)], { priority: -101 }));
    await agree(rulesetOf([nat, later, sees, unseen], portSets(80, 443, 9090)), ports(80, 443, 53, 9090));
  });

  it('the conntrack state before and after conntrack has seen a packet', async () => {
    const at = (name: string, priority: number, port: number, match: NftablesMatch): NftablesChain =>
      named(name, base('filter', 'prerouting', [when([isPort(port), match], drop)], { priority }));
    const unwritten: NftablesMatch = { kind: 'destinationRewritten', negated: true };
    const chains = [
      at('a', -300, 80, { kind: 'ctState', state: 'new' }),
      at('b', -300, 443, { kind: 'ctState', state: 'invalid' }),
      at('c', -300, 53, unwritten),
      at('d', -199, 8080, { kind: 'ctState', state: 'new' }),
      at('e', -199, 9090, { kind: 'ctState', state: 'invalid' }),
      at('f', -199, 30080, unwritten),
    ];
    await agree(rulesetOf(chains, portSets(80, 443, 53, 8080, 9090, 30080)), ports(80, 443, 53, 8080, 9090, 30080));
  });

  it('which packets open a connection, and that the nat chains see no others', async () => {
    const at = (port: number, ...matches: readonly NftablesMatch[]): NftablesRule =>
      when([isPort(port), ...matches], drop);
    const rules = [
      at(80, { kind: 'ctState', state: 'new' }),
      at(443, { kind: 'ctState', state: 'invalid' }),
      at(53, { kind: 'destinationRewritten', negated: true }),
    ];
    const nat = base('nat', 'prerouting', [
      when([{ kind: 'block', field: 'daddr', block: block('10.0.0.0/8') }, transports], dnat('172.16.0.1', 80)),
    ]);
    const to = (ctState: Packet['ctState'], destination: string) =>
      [80, 443, 53, 8080].map((port) =>
        arriving({
          port,
          protocol: 'TCP',
          destination: ip(destination),
          ...(ctState === undefined ? {} : { ctState }),
        }),
      );
    await agree(rulesetOf([nat, base('filter', 'forward', rules)], portSets(80, 443, 53)), [
      ...to(undefined, '10.96.0.1'),
      ...to('invalid', '10.96.0.1'),
      ...to('invalid', '172.16.0.1'),
      ...to('established', '10.96.0.1'),
      ...to('established', '172.16.0.1'),
    ]);
  });

  it('where a connection was going before it was rewritten', async () => {
    const key = ['saddr', 'daddr', 'dport', 'originalDaddr', 'originalDport'] as const;
    const element = (port: number): Element => {
      return { key: [ip('203.0.113.9'), ip('10.1.1.1'), 8080, ip('10.96.0.1'), port] };
    };
    const known = setOf('known', ['address', 'address', 'port', 'address', 'port'], {
      elements: [80, 53].map(element),
    });
    const udp: NftablesMatch = { kind: 'protocols', protocols: ['UDP'] };
    const chains = [
      base('nat', 'prerouting', [
        when([isPort(443), transports], dnat('10.1.1.2')),
        when([transports], dnat('10.1.1.1')),
      ]),
      base('nat', 'postrouting', [when([udp, { kind: 'in', key, set: 'known' }], masquerade)]),
    ];
    const stranger = arriving({ source: ip('203.0.113.8') });
    const elsewhere = arriving({ destination: ip('10.96.0.2') });
    await agree(rulesetOf(chains, [known, ...portSets(443)]), [...ports(80, 53, 443, 9090), stranger, elsewhere]);
  });

  it('that slots are equally likely, and that missing ones fall through', async () => {
    const elements: Element[] = ['10.1.1.1', '10.1.1.2', '10.1.1.1', '192.0.2.2'].map((address, slot) => ({
      key: [ip('10.96.0.1'), 80, slot],
      value: destination(address),
    }));
    const map: NamedSet = setOf('endpoints', ['address', 'port', 'slot'], {
      value: 'destination',
      protocol: 'UDP',
      elements,
    });
    const pick = when([{ kind: 'protocols', protocols: ['UDP'] }], {
      kind: 'dnatMap',
      key: ['daddr', 'dport', { random: 5 }],
      map: 'endpoints',
    });
    const nat = (hook: 'prerouting' | 'output') => base('nat', hook, [always(jump('pick'))]);
    const chains = [nat('prerouting'), nat('output'), chain('pick', pick, always(drop))];
    await agree(rulesetOf(chains, [map]), [arriving(), sent()], manyTimes);
  });

  it('that chains are chosen equally often, and none returns', async () => {
    const choose = always({ kind: 'chooseChain', chains: ['a', 'b', 'c'] });
    const chains = [
      chain('a', when([transports], dnat('10.1.1.1'))),
      chain('b', when([transports], dnat('10.1.1.2'))),
      chain('c'),
      base('nat', 'prerouting', [choose, always(drop)]),
    ];
    await agree(rulesetOf(chains), [arriving()], manyTimes);
  });

  it('which packets are masqueraded', async () => {
    const post = base('nat', 'postrouting', [when([isMarked], { kind: 'clearMarkBit', bit: 14 }, masquerade)]);
    const rules: NftablesRule[] = [
      when([isPort(80)], jump('marking')),
      when([isPort(443), transports], dnat('192.0.2.2', 443)),
      when([transports], dnat('10.1.1.1')),
    ];
    const chains = [chain('marking', mark), base('nat', 'prerouting', rules), base('nat', 'output', rules), post];
    const packets = [80, 443, 53].flatMap((port) => [arriving({ port }), sent({ port })]);
    await agree(rulesetOf(chains, portSets(80, 443)), packets);
  });

  it('the state of a packet to the node itself after lo', async () => {
    const isFromLo: NftablesMatch = { kind: 'inputInterface', name: 'lo' };
    const chains = [
      base('nat', 'output', [when([transports], { kind: 'setMarkBit', bit: 14 }, dnat('192.0.2.2', 9090))]),
      base('nat', 'prerouting', [when([transports], dnat('10.1.1.1'))]),
      base('nat', 'input', [when([isFromLo], drop)]),
      base('filter', 'input', [
        when([isFromLo, isMarked, { kind: 'destinationRewritten' }, isPort(9090)], accept),
        always(drop),
      ]),
    ];
    await agree(rulesetOf(chains, portSets(9090)), [sent(), sent(here), arriving(here)]);
  });

  it('what interfaces, addresses, blocks and sets match', async () => {
    const ranges: Element[] = ['203.0.113.0/24', '198.51.100.7/32'].map((source) => ({
      key: [hostCidr(ip('10.96.0.1')), 'UDP', 80, block(source)],
    }));
    const set = setOf('ranges', ['address', 'protocol', 'port', 'address'], { isInterval: true, elements: ranges });
    const rules: NftablesRule[] = [
      when([{ kind: 'inputInterface', name: 'probe*', negated: true }, isPort(53)], drop),
      when([{ kind: 'inputInterface', name: 'probe-*' }, isPort(443)], drop),
      when([{ kind: 'local', field: 'saddr' }, isPort(8080)], drop),
      when(
        [{ kind: 'in', key: ['daddr', 'l4proto', 'dport', 'saddr'], set: 'ranges', negated: true }, isPort(80)],
        drop,
      ),
      when([{ kind: 'block', field: 'daddr', block: block('10.96.0.0/16'), negated: true }, isPort(9090)], drop),
    ];
    const sets = [set, ...portSets(53, 443, 8080, 80, 9090)];
    const packets = [53, 443, 8080, 80, 9090].flatMap((port) => [arriving({ port }), sent({ port })]);
    const sources = ['198.51.100.7', '198.51.100.8'].map((source) => arriving({ source: ip(source) }));
    const elsewhere = arriving({ port: 9090, destination: ip('10.97.0.1') });
    await agree(rulesetOf([base('filter', 'forward', rules), base('filter', 'output', rules)], sets), [
      ...packets,
      ...sources,
      elsewhere,
    ]);
  });

  it('that a client stays with the endpoint that remembers it', async () => {
    const names = ['1', '2', '3'];
    const sets = names.map((name) => setOf(`clients-${name}`, ['address'], { timeoutSeconds: 60 }));
    const endpoints = names.map((name) =>
      chain(`to-${name}`, when([transports], { kind: 'remember', set: `clients-${name}` }, dnat(`10.1.1.${name}`))),
    );
    const known = names.map((name) =>
      when([{ kind: 'in', key: ['saddr'], set: `clients-${name}` }], goTo(`to-${name}`)),
    );
    const choose = always({ kind: 'chooseChain', chains: endpoints.map(({ name }) => name) });
    const ruleset = rulesetOf([...endpoints, base('nat', 'prerouting', [...known, choose])], sets);
    const [seen = {}] = await probeNftables(ruleset, [{ packet: arriving(), count: 30, patienceMs }]);
    const [first] = Object.keys(seen);
    expect(seen).toEqual({ [String(first)]: 30 });
    const remembered = String(first).replace('out ', '');
    const { distribution } = traceNftables(ruleset, arriving({ remembered }), probeHosts.IPv4);
    compareCounts(seen, distribution, arriving());
  });
});
