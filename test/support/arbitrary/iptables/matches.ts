/** Random matches. */
import fc from 'fast-check';
import { ctStates, type IptablesMatch } from '../../../../src/core/iptables/ruleset.ts';
import { addressWidth, type IpFamily } from '../../../../src/core/model/address.ts';
import { cidrOf, isWholeFamily } from '../../../../src/core/model/cidr.ts';
import { arbitraryAddress, type Scope } from '../values.ts';

/** Objects like those that a literal makes. */
const plain = { noNullPrototype: true } as const;

/** Any match of the scope. */
export function arbitraryMatch(family: IpFamily, scope: Scope): fc.Arbitrary<IptablesMatch> {
  const block = fc
    .tuple(arbitraryAddress(family), fc.integer({ min: 0, max: addressWidth(family) }))
    .map(([address, length]) => cidrOf(address, length));
  // iptables-save leaves out a block that holds all addresses, and iptables-nft cannot negate it.
  const source = negatable(block).filter(({ value, negated }) => {
    return !isWholeFamily(value) || (scope === 'model' && negated !== true);
  });
  const port = fc.integer({ min: 1, max: 0xffff });
  const mark = fc.record({ mark: arbitraryMark, mask: arbitraryMark }, plain);
  const known = fc.record(
    {
      source,
      destination: source,
      inputInterface: negatable(arbitraryInterface),
      outputInterface: negatable(arbitraryInterface),
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
      destinationPort: fc.tuple(port, port).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
      sourceType: negatable(fc.constant('LOCAL')),
      destinationType: negatable(fc.constant('LOCAL')),
      ctStates: negatable(fc.subarray([...ctStates], { minLength: 1 })),
      mark: negatable(mark),
      random: arbitraryRandom,
      recent: arbitraryRecent,
    },
    { requiredKeys: [] },
  );
  const nfacct = fc.stringMatching(/^[a-z_]{1,31}$/);
  const foreign = fc.record({ nfacct, opaque: arbitraryOpaque }, { requiredKeys: [] });
  const all = scope === 'model' ? fc.tuple(known, foreign).map(([a, b]): IptablesMatch => ({ ...a, ...b })) : known;
  return fc.tuple(all, fc.boolean()).map(([match, isSingle]) => fitTogether(match, isSingle));
}

/** A port needs a protocol, and most rules have a single one; foreign words may name a protocol themselves. */
function fitTogether(match: IptablesMatch, isSingle: boolean): IptablesMatch {
  const { destinationPort, protocol, ...rest } = match;
  if (protocol === undefined || match.opaque?.[0] === '-p') return rest;
  if (destinationPort === undefined) return { ...rest, protocol };
  const to = isSingle ? destinationPort.from : destinationPort.to;
  return { ...rest, protocol, destinationPort: { from: destinationPort.from, to } };
}

function negatable<T>(values: fc.Arbitrary<T>): fc.Arbitrary<{ readonly value: T; readonly negated?: true }> {
  return fc.tuple(values, fc.boolean()).map(([value, negated]) => (negated ? { value, negated } : { value }));
}

const arbitraryMark = fc.oneof(fc.constantFrom(0, 0x4000, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }));

const arbitraryInterface = fc.constantFrom('lo', 'eth0', 'cali+', 'br-12ab34cd56ef', 'veth0.5', 'wg_0', 'enp0s31f6+');

/** Each value counts, those halfway between two printed decimals more than others. */
const arbitraryRandom = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.integer({ min: 1, max: 5000 }).map((endpoints) => Math.min(Math.round(2 ** 31 / endpoints), 2 ** 31 - 1)),
  fc.integer({ min: 0, max: 2 ** 11 - 1 }).map((odd) => (2 * odd + 1) * 2 ** 19),
);

const arbitraryRecent = fc.oneof(
  fc.record({ operation: fc.constant('set' as const), name: fc.stringMatching(/^KUBE-SEP-[A-Z2-7]{16}$/) }, plain),
  fc.record(
    {
      operation: fc.constant('rcheck' as const),
      name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,40}$/),
      seconds: fc.integer({ min: 1, max: 86_400 }),
      reap: fc.boolean(),
    },
    plain,
  ),
);

const arbitraryOpaque = fc.constantFrom<readonly string[]>(
  ['-p', 'icmp', '-m', 'icmp', '--icmp-type', '8'],
  ['-f'],
  ['-m', 'limit', '--limit', '5/min'],
  ['-m', 'tcp', '--sport', '80', '--tcp-flags', 'SYN,ACK', 'SYN'],
  ['-m', 'string', '--string', 'two words "quoted" back\\slash', '--algo', 'bm'],
  ['-m', 'conntrack', '--ctproto', 'tcp'],
);
