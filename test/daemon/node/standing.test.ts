import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/core/compiler.ts';
import type { Service } from '../../../src/core/model/objects.ts';
import type { Rules } from '../../../src/core/rules.ts';
import { serveAnything } from '../../../src/daemon/node/standing.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

const standing = (rules: Rules | undefined) => ({ read: () => Promise.resolve(rules) });

describe.each(['nftables', 'iptables'] as const)('%s rules', (mode) => {
  const rulesOf = (services: readonly Service[], slices: Parameters<typeof snapshotOf>[0]['slices'] = []): Rules =>
    compile(snapshotOf({ services, slices }), nodeConfig({ mode }), ['IPv4']).rules.IPv4 ?? expect.fail('no rules');

  it('serve nothing where there are none, or none of a Service', async () => {
    expect(await serveAnything([standing(undefined), standing(rulesOf([]))])).toBe(false);
  });

  it('serve something where a Service has endpoints', async () => {
    const rules = rulesOf([service('web')], [slice('web', [endpoint('10.244.1.5')])]);
    expect(await serveAnything([standing(undefined), standing(rules)])).toBe(true);
  });
});

it('rules that cannot be read may serve something', async () => {
  expect(await serveAnything([{ read: () => Promise.reject(new Error('nft crashed')) }])).toBe(true);
});
