/** Sets and maps, and what looks something up in them. */
import type { IpAddress } from '../../core/model/address.ts';
import type { Protocol } from '../../core/model/objects.ts';
import type { ElementGroup, Key, NamedSet, NftablesRule } from '../../core/nftables/ruleset.ts';
import { accept, base, drop, forward, frontend, input, inSet, prerouting, type Recipe, rule, tcp } from './recipe.ts';

const endpoint: Key = ['saddr', 'daddr', 'dport'];
const original: Key = ['originalDaddr', 'l4proto', 'originalDport'];

export const lookupConstructs: readonly Recipe[] = [
  {
    name: 'sets with concatenated keys',
    parts: ({ address }) => ({
      sets: [
        { name: 'frontends', key: ['address', 'protocol', 'port'], groups: group([address, 'TCP', 80]) },
        { name: 'ports', key: ['protocol', 'port'], groups: group(['UDP', 30053]) },
        { name: 'port', key: ['port'], groups: group([10256]) },
      ],
      chains: [
        base('sets', forward, [
          rule([inSet(frontend, 'frontends')], accept),
          rule([{ ...inSet(frontend, 'frontends'), negated: true }], accept),
          rule([inSet(['l4proto', 'dport'], 'ports')], accept),
          rule([tcp, inSet(['dport'], 'port')], accept),
        ]),
      ],
    }),
  },
  {
    name: 'the original destination of a connection (ct original)',
    parts: ({ address }) => ({
      sets: [
        { name: 'originals', key: ['address', 'protocol', 'port'], groups: group([address, 'TCP', 80]) },
        {
          name: 'hairpins',
          key: ['address', 'address', 'port', 'address', 'port'],
          groups: group([address, address, 8080, address, 80]),
        },
        {
          name: 'node-port-hairpins',
          key: ['address', 'address', 'port', 'port'],
          groups: group([address, address, 8080, 30080]),
        },
      ],
      chains: [
        base('original', forward, [
          rule([tcp, inSet([...endpoint, 'originalDaddr', 'originalDport'], 'hairpins')], accept),
          rule([tcp, inSet([...endpoint, 'originalDport'], 'node-port-hairpins')], accept),
          rule([tcp, { ...inSet(original, 'originals'), negated: true }], accept),
        ]),
      ],
    }),
  },
  {
    name: 'sets of blocks (flags interval)',
    parts: ({ address, block }) => ({
      sets: [
        { name: 'intervals', key: ['address'], isInterval: true, groups: group([block]) },
        { name: 'addresses', key: ['address'], groups: group([address]) },
      ],
      chains: [
        base('within', input, [
          rule([inSet(['daddr'], 'intervals')], accept),
          rule([{ ...inSet(['daddr'], 'intervals'), negated: true }], accept),
          rule([inSet(['daddr'], 'addresses')], accept),
        ]),
      ],
    }),
  },
  {
    name: 'blocks in a concatenated key (flags interval on … . …)',
    parts: ({ address, block }) => ({
      sets: [
        {
          name: 'sources',
          key: ['address', 'protocol', 'port', 'address'],
          isInterval: true,
          groups: group([address, 'TCP', 80, block]),
        },
      ],
      chains: [
        base('guard', prerouting, [rule([{ ...inSet([...frontend, 'saddr'], 'sources'), negated: true }], accept)]),
      ],
    }),
  },
  {
    name: 'verdict maps with concatenated keys (vmap @…)',
    parts: ({ address }) => ({
      sets: [
        verdicts('verdicts', ['address', 'protocol', 'port'], [address, 'TCP', 80]),
        verdicts('port-verdicts', ['protocol', 'port'], ['TCP', 30080]),
      ],
      chains: [
        { name: 'called', rules: [rule([], drop)] },
        base('calls', prerouting, [
          rule([], { kind: 'jump', chain: 'called' }),
          rule([], { kind: 'goto', chain: 'called' }),
          rule([], { kind: 'verdictMap', key: frontend, map: 'verdicts' }),
          rule([], { kind: 'verdictMap', key: ['l4proto', 'dport'], map: 'port-verdicts' }),
        ]),
      ],
    }),
  },
];

const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

export const slotConstructs: readonly Recipe[] = [
  {
    name: 'maps with a numgen slot (typeof … numgen …)',
    parts: ({ address }) => ({ sets: protocols.map((protocol) => slots('slots', protocol, address)), chains: [] }),
  },
  {
    name: 'destination NAT by a map with a concatenated key (dnat to … map @…)',
    parts: ({ address }) => ({
      sets: protocols.flatMap((protocol) => [
        slots('endpoints', protocol, address),
        nodePortSlots('port-endpoints', protocol, address),
      ]),
      chains: [
        base(
          'picks',
          prerouting,
          protocols.flatMap((protocol) => [
            pick(protocol, ['daddr', 'dport', { random: 3 }], nameOf('endpoints', protocol)),
            pick(protocol, ['dport', { random: 3 }], nameOf('port-endpoints', protocol)),
          ]),
        ),
      ],
    }),
  },
  {
    name: 'a choice of chains by chance (numgen random mod … vmap { … })',
    parts: () => ({
      chains: [
        { name: 'chosen', rules: [rule([], drop)] },
        base('choices', prerouting, [rule([], { kind: 'chooseChain', chains: ['chosen', 'chosen'] })]),
      ],
    }),
  },
  {
    name: 'sets that remember clients for a time (flags dynamic,timeout; update @…)',
    parts: () => ({
      sets: [{ name: 'clients', key: ['address'], timeoutSeconds: 10800, groups: [] }],
      chains: [
        base('affinity', prerouting, [
          rule([inSet(['saddr'], 'clients')], accept),
          rule([], { kind: 'remember', set: 'clients' }),
        ]),
      ],
    }),
  },
  { name: 'refusals (reject)', parts: () => ({ chains: [base('refusals', input, [rule([], { kind: 'reject' })])] }) },
];

function verdicts(name: string, key: NamedSet['key'], element: Parameters<typeof group>[0]): NamedSet {
  const [last, first] = [element.at(-1), element.slice(0, -1)];
  const keys = [0, 1, 2].map((offset) => [...first, Number(last) + offset]);
  const values = [{ kind: 'goto', chain: 'called' }, { kind: 'jump', chain: 'called' }, { kind: 'drop' }] as const;
  const elements = values.map((value, i) => ({ key: keys[i] ?? element, value }));
  return { name, key, value: 'verdict', groups: [[{ owner: '', elements }]] };
}

function slots(name: string, protocol: Protocol, address: IpAddress): NamedSet {
  const elements = [{ key: [address, 80, 0], value: { kind: 'destination', address, port: 8080 } }] as const;
  const groups = [[{ owner: '', elements }]];
  return { name: nameOf(name, protocol), key: ['address', 'port', 'slot'], value: 'destination', protocol, groups };
}

function nodePortSlots(name: string, protocol: Protocol, address: IpAddress): NamedSet {
  const elements = [{ key: [30080, 0], value: { kind: 'destination', address, port: 8080 } }] as const;
  const groups = [[{ owner: '', elements }]];
  return { name: nameOf(name, protocol), key: ['port', 'slot'], value: 'destination', protocol, groups };
}

function nameOf(name: string, protocol: Protocol): string {
  return `${protocol.toLowerCase()}-${name}`;
}

function pick(protocol: Protocol, key: Key, map: string): NftablesRule {
  return rule([{ kind: 'protocols', protocols: [protocol] }], { kind: 'dnatMap', key, map });
}
function group(key: ElementGroup['elements'][number]['key']): NamedSet['groups'] {
  return [[{ owner: '', elements: [{ key }] }]];
}
