import { describe, expect, it } from 'vitest';
import type { Service } from '../../../src/core/model/objects.ts';
import { emptyClaimMemory, type Settlement, settleClaims } from '../../../src/core/plan/claims.ts';
import { familyContext } from '../../../src/core/plan/context.ts';
import { guardOf } from '../../../src/core/plan/node-guard.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { claimRules, ip, nodeConfig, service, snapshotOf } from '../../support/objects.ts';
import { context, eleven, resolve, settle, ten } from './settling.ts';

describe('the bound on frontends', () => {
  const portsOf = (count: number, nodePorts = false) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ name: `p${i}`, protocol: 'TCP' as const, port: i + 1 },
      ...(nodePorts ? { nodePort: 30_000 + i } : {}),
    }));
  const addresses = (block: string, count: number) =>
    Array.from({ length: count }, (_, i) => ip(`${block}.${i >> 8}.${i & 255}`));
  const count = ({ services }: Settlement) =>
    services
      .flatMap(({ ports }) => ports)
      .reduce(
        (sum, { frontends: { clusterIp, external, nodePort } }) =>
          sum + external.length + Number(clusterIp !== undefined) + Number(nodePort !== undefined),
        0,
      );

  it('serves cluster IP and NodePorts first, then load-balancer IPs, then external IPs in order', () => {
    const maxFrontends = 9;
    const small = familyContext(nodeConfig({ claimRules: { ...claimRules, maxFrontends } }), undefined, 'IPv4');
    const big = service('big', {
      ports: portsOf(2, true),
      loadBalancerIps: [ip('203.0.113.9')],
      externalIps: [ip('203.0.113.8'), ip('203.0.113.2'), ip('203.0.113.3')],
    });
    const settlement = settle(snapshotOf({ services: [big] }), small);
    expect(settlement.services[0]?.ports.map(({ frontends }) => frontends)).toMatchObject([
      {
        nodePort: 30_000,
        external: [{ address: '203.0.113.2' }, { address: '203.0.113.8' }, { address: '203.0.113.9' }],
      },
      { nodePort: 30_001, external: [{ address: '203.0.113.8' }, { address: '203.0.113.9' }] },
    ]);
    expect(settlement.diagnostics).toMatchObject([
      {
        code: 'frontends-surplus',
        problem:
          'it has 12 frontends, and 9 are served; ' +
          'not served: 203.0.113.2:2/TCP, 203.0.113.3:1/TCP, 203.0.113.3:2/TCP',
      },
    ]);
  });

  it('holds for a Service of 1,000 ports and 1,000 addresses, without making them all', () => {
    const huge = service('huge', { ports: portsOf(1000), externalIps: addresses('20.0', 1000) });
    const startedAtMs = performance.now();
    const settlement = resolve(huge);
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    expect(count(settlement)).toBe(10_000);
    expect(settlement.diagnostics).toMatchObject([{ problem: expect.stringContaining(' and 990990 more') }]);
  });

  it('holds for more ports than it has places for', () => {
    expect(count(resolve(service('wide', { ports: portsOf(10_500), externalIps: addresses('20.0', 3) })))).toBe(10_000);
  });

  it('does not bound an ordinary Service', () => {
    expect(
      resolve(service('web', { ports: portsOf(100, true), externalIps: addresses('20.0', 98) })).diagnostics,
    ).toEqual([]);
  });

  it('settles two Services of 200 ports that contest 200 addresses in less than a second, and tells it once', () => {
    const ports = portsOf(200);
    const externalIps = addresses('20.0', 200);
    const a = service('a', { clusterIps: ten, ports, externalIps });
    const b = service('b', { clusterIps: eleven, ports, externalIps });
    const memory = emptyClaimMemory();
    const guard = guardOf({ last: undefined }, emptySnapshot, context);
    const timed = (...services: readonly Service[]) => {
      const { services: shards } = snapshotOf({ services });
      const startedAtMs = performance.now();
      const settlement = settleClaims(memory, shards, context, guard);
      return { ms: performance.now() - startedAtMs, settlement };
    };
    const first = timed(a, b);
    expect(first.ms).toBeLessThan(1000);
    expect(first.settlement.diagnostics.map(({ object, code }) => `${object.name}: ${code}`)).toEqual([
      'a: frontends-surplus',
      'b: frontends-surplus',
      'b: frontend-conflict',
      'a: frontend-contested',
    ]);
    const unrelated = timed(a, b, service('c', { clusterIps: { IPv4: ip('10.96.0.12') } }));
    expect(unrelated.ms).toBeLessThan(5);
  });
});
