/**
 * Random rulesets and packets of one small world, so that rules and packets meet. What would confuse the probe is left
 * out: DROP and REJECT are for UDP alone, or answers would be lost, and only what was rewritten is masqueraded.
 */
import fc from 'fast-check';
import type {
  CtState,
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
  IptablesTarget,
  Negatable,
  Table,
  TableName,
} from '../../../src/core/iptables/ruleset.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import { ip } from '../objects.ts';

const port = fc.constantFrom(80, 8080);
const blocks = fc.constantFrom(
  ...['10.0.0.0/24', '10.0.0.1/32', '10.1.0.0/16', '10.9.0.0/24', '192.0.2.0/24', '127.0.0.0/8'].map(constantCidr),
);
const ctStates = fc.constantFrom<readonly CtState[]>(
  ['NEW'],
  ['DNAT'],
  ['INVALID'],
  ['RELATED', 'ESTABLISHED', 'DNAT'],
);
const bits = fc.constantFrom(0x4000, 0x8000, 0xc001, 0x1, 0xffffffff);

function negatable<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Negatable<T>> {
  return fc.tuple(value, fc.nat(2)).map(([each, n]) => (n === 0 ? { value: each, negated: true } : { value: each }));
}

const condition: fc.Arbitrary<IptablesMatch> = fc.oneof(
  fc.record({ source: negatable(blocks) }),
  fc.record({ destination: negatable(blocks) }),
  fc.record({ protocol: fc.constantFrom('UDP' as const, 'TCP' as const) }),
  port.map((n): IptablesMatch => ({ protocol: 'UDP', destinationPort: { from: n, to: n } })),
  fc.record({ sourceType: negatable(fc.constant('LOCAL' as const)) }),
  fc.record({ destinationType: negatable(fc.constant('LOCAL' as const)) }),
  fc.record({ ctStates: negatable(ctStates) }),
  fc.tuple(bits, bits).map(([mark, mask]): IptablesMatch => ({ mark: { value: { mark: (mark & mask) >>> 0, mask } } })),
  fc.record({ random: fc.constantFrom(2 ** 29, 2 ** 30) }),
);
const matches = fc.array(condition, { maxLength: 2 }).map((parts): IptablesMatch => Object.assign({}, ...parts));

function rule(target: fc.Arbitrary<IptablesTarget | undefined>, fixed: IptablesMatch = {}): fc.Arbitrary<IptablesRule> {
  return fc.tuple(matches, target).map(([match, to]) => {
    const all = { match: { ...match, ...fixed } };
    return to === undefined ? all : { ...all, target: to };
  });
}

const anywhere = rule(
  fc.oneof(
    fc.constantFrom<IptablesTarget | undefined>(undefined, { kind: 'return' }, { kind: 'accept' }),
    fc.record({ kind: fc.constant('mark' as const), mark: bits, mask: fc.oneof(bits, fc.constant(0)) }),
  ),
);
// For one port alone, or hardly a packet would see the last table.
const refused: IptablesMatch = { protocol: 'UDP', destinationPort: { from: 8080, to: 8080 } };
const drop = rule(fc.constant({ kind: 'drop' }), refused);
const reject = rule(fc.constant({ kind: 'reject', with: 'icmp-port-unreachable' }), refused);
const endpoints = fc.constantFrom(...['10.1.0.1', '10.1.0.2', '10.0.0.1', '192.0.2.1'].map(ip));
const dnat = rule(fc.record({ kind: fc.constant('dnat' as const), address: endpoints, port }), { protocol: 'UDP' });
const masquerade = rule(fc.record({ kind: fc.constant('masquerade' as const), randomFully: fc.boolean() }), {
  ctStates: { value: ['DNAT'] },
});

interface Part {
  readonly roots: readonly string[];
  /** Chains that only these roots lead to, and only in this order. */
  readonly own: readonly string[];
  readonly rule: fc.Arbitrary<IptablesRule>;
}

function table(name: TableName, parts: readonly Part[]): fc.Arbitrary<Table> {
  const chains = parts.flatMap(({ roots, own, rule: leaf }) => [
    ...roots.map((root) => chain(root, own, leaf)),
    ...own.map((each, i) => chain(each, own.slice(i + 1), leaf)),
  ]);
  return fc.tuple(...chains).map((all) => ({ name, chains: all }));
}

function chain(
  name: string,
  callable: readonly string[],
  leaf: fc.Arbitrary<IptablesRule>,
): fc.Arbitrary<IptablesChain> {
  const kind = fc.constantFrom('jump' as const, 'goto' as const);
  const calls = callable.map((each) => rule(fc.record({ kind, chain: fc.constant(each) })));
  const rules = fc.oneof(leaf, ...calls);
  return fc.array(rules, { minLength: 1, maxLength: 4 }).map((all) => ({ name, rules: all }));
}

const everyHook = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

export const arbitraryTracedRuleset: fc.Arbitrary<IptablesRuleset> = fc
  .tuple(
    table('raw', [{ roots: ['PREROUTING', 'OUTPUT'], own: [], rule: fc.oneof(anywhere, drop) }]),
    table('mangle', [{ roots: everyHook, own: ['M1', 'M2'], rule: anywhere }]),
    table('nat', [
      { roots: ['PREROUTING', 'OUTPUT'], own: ['D1', 'D2'], rule: fc.oneof(anywhere, dnat, dnat) },
      { roots: ['POSTROUTING'], own: ['S1'], rule: fc.oneof(anywhere, masquerade) },
    ]),
    table('filter', [{ roots: ['INPUT', 'FORWARD', 'OUTPUT'], own: ['F1'], rule: fc.oneof(anywhere, drop, reject) }]),
  )
  .map((tables) => ({ family: 'IPv4', tables }));

export const arbitraryTracedPacket: fc.Arbitrary<Packet> = fc
  .record({
    sender: fc.constantFrom(
      { source: ip('10.9.0.1'), inputInterface: 'probe-in' },
      { source: ip('10.9.1.1'), inputInterface: 'probe-in' },
      { source: ip('192.0.2.2') },
      { source: ip('127.0.0.1') },
    ),
    destination: fc.constantFrom(...['10.0.0.1', '10.0.0.2', '192.0.2.1', '127.0.0.1'].map(ip)),
    port,
  })
  .map(({ sender, ...rest }) => ({ ...rest, ...sender, protocol: 'UDP' }));
