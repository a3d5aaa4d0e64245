/** Random targets, each where the kernel lets it be. */
import fc from 'fast-check';
import type { IptablesTarget, TableName } from '../../../../src/core/iptables/ruleset.ts';
import type { IpFamily } from '../../../../src/core/model/address.ts';
import type { Protocol } from '../../../../src/core/model/objects.ts';
import { arbitraryAddress, type Scope } from '../values.ts';

/** Which address of a connection nat rules may rewrite; `any` in the other tables. */
export type Side = 'destination' | 'source' | 'neither' | 'any';

export interface Leaf {
  readonly target: IptablesTarget | undefined;
  /** The protocol that the rule must match for this target. */
  readonly needs?: Protocol;
}

/** Every target but jumps. */
export function arbitraryLeaf(family: IpFamily, table: TableName, side: Side, scope: Scope): fc.Arbitrary<Leaf> {
  const number = fc.integer({ min: 0, max: 0xffffffff });
  const leaves: fc.Arbitrary<Leaf>[] = [
    fc.constantFrom<Leaf>({ target: undefined }, { target: { kind: 'accept' } }, { target: { kind: 'return' } }),
    fc
      .record({ kind: fc.constant('mark' as const), mark: number, mask: number }, { noNullPrototype: true })
      .map((target) => ({ target })),
  ];
  if (table !== 'nat') leaves.push(fc.constant({ target: { kind: 'drop' } }));
  if (table === 'filter') leaves.push(arbitraryReject(family));
  if (side === 'destination') leaves.push(arbitraryDnat(family));
  if (side === 'source') {
    leaves.push(fc.boolean().map((randomFully) => ({ target: { kind: 'masquerade', randomFully } })));
  }
  if (scope === 'model') leaves.push(fc.constantFrom(...opaqueTargets).map((target) => ({ target })));
  return fc.oneof(...leaves);
}

function arbitraryReject(family: IpFamily): fc.Arbitrary<Leaf> {
  const prefix = family === 'IPv4' ? 'icmp-' : 'icmp6-';
  return fc.constantFrom<Leaf>(
    { target: { kind: 'reject', with: `${prefix}port-unreachable` } },
    { target: { kind: 'reject', with: `${prefix}adm-prohibited`.replace('icmp-adm', 'icmp-admin') } },
    { target: { kind: 'reject', with: 'tcp-reset' }, needs: 'TCP' },
  );
}

function arbitraryDnat(family: IpFamily): fc.Arbitrary<Leaf> {
  const port = fc.integer({ min: 1, max: 0xffff });
  const protocol = fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP');
  return fc.oneof(
    arbitraryAddress(family).map((address): Leaf => ({ target: { kind: 'dnat', address } })),
    fc
      .tuple(arbitraryAddress(family), port, protocol)
      .map(([address, to, needs]): Leaf => ({ target: { kind: 'dnat', address, port: to }, needs })),
  );
}

const opaqueTargets: readonly IptablesTarget[] = [
  { kind: 'opaque', words: ['LOG', '--log-prefix', 'hi there: ', '--log-level', '4'] },
  { kind: 'opaque', words: ['REDIRECT', '--to-ports', '8080'] },
  { kind: 'opaque', words: ['NOTRACK'] },
  { kind: 'opaque', words: ['DNAT', '--to-destination', '10.0.0.1-10.0.0.9', '--persistent'] },
];
