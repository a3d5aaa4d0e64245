/** Chains with a hook, and rules that look nothing up. */
import type { NftablesMatch } from '../../core/nftables/ruleset.ts';
import {
  accept,
  base,
  drop,
  forward,
  input,
  natOutput,
  output,
  postrouting,
  prerouting,
  type Recipe,
  rule,
  tcp,
} from './recipe.ts';

export const natConstructs: readonly Recipe[] = [
  {
    name: 'NAT base chains (type nat hook prerouting, output, postrouting)',
    parts: () => ({ chains: [base('n1', prerouting), base('n2', natOutput), base('n3', postrouting)] }),
  },
  {
    name: 'filter base chains (type filter hook input, forward, output)',
    parts: () => ({ chains: [base('f1', input), base('f2', forward), base('f3', output)] }),
  },
  {
    name: 'destination NAT to a constant (dnat to …)',
    parts: ({ address }) => ({
      chains: [base('d1', prerouting, [rule([tcp], { kind: 'dnat', address, port: 8080 })])],
    }),
  },
  {
    name: 'masquerading with random ports (masquerade fully-random)',
    parts: () => ({ chains: [base('m1', postrouting, [rule([], { kind: 'masquerade' })])] }),
  },
];

export const matchConstructs: readonly Recipe[] = [
  matching(
    'local addresses (fib daddr type local)',
    'local-addresses',
    [{ kind: 'local', field: 'daddr' }],
    [{ kind: 'local', field: 'saddr' }],
  ),
  matching('connection states (ct state)', 'states', [{ kind: 'ctState', state: 'new' }]),
  matching(
    'the status of a connection (ct status dnat)',
    'status',
    [{ kind: 'destinationRewritten' }],
    [{ kind: 'destinationRewritten', negated: true }],
  ),
  matching(
    'names of interfaces with a wildcard (iifname "…*")',
    'interfaces',
    ...['cali*', 'cni0'].flatMap((name) => [
      [{ kind: 'inputInterface', name } as const],
      [{ kind: 'inputInterface', name, negated: true } as const],
    ]),
  ),
  {
    name: 'blocks of addresses',
    parts: ({ block }) => ({
      chains: [
        base('blocks', forward, [
          rule([{ kind: 'block', field: 'saddr', block }], accept),
          rule([{ kind: 'block', field: 'saddr', block, negated: true }], drop),
        ]),
      ],
    }),
  },
  {
    name: 'a bit of the packet mark (meta mark set meta mark | …)',
    parts: () => ({
      chains: [
        base('marks', postrouting, [
          rule([], { kind: 'setMarkBit', bit: 14 }),
          rule([{ kind: 'markBit', bit: 14 }], { kind: 'clearMarkBit', bit: 14 }),
        ]),
      ],
    }),
  },
];

function matching(name: string, chain: string, ...rules: readonly (readonly NftablesMatch[])[]): Recipe {
  return {
    name,
    parts: () => ({
      chains: [
        base(
          chain,
          input,
          rules.map((matches) => rule(matches, accept)),
        ),
      ],
    }),
  };
}
