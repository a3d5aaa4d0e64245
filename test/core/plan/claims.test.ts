import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSnapshot } from '../../../src/core/forecast/next-snapshot.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Service } from '../../../src/core/model/objects.ts';
import { emptyClaimMemory, settleClaims } from '../../../src/core/plan/claims.ts';
import type { Settlement } from '../../../src/core/plan/contest.ts';
import { familyContext } from '../../../src/core/plan/context.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { ip, nodeConfig, service, snapshotOf } from '../../support/objects.ts';

const context = familyContext(nodeConfig(), undefined, 'IPv4');

function resolve(...services: readonly Service[]): Settlement {
  return settleClaims(emptyClaimMemory(), snapshotOf({ services }).services, context);
}

function externalOf({ services }: Settlement, name: string) {
  return services.find((each) => each.service.name === name)?.ports[0]?.frontends.external ?? [];
}

const [ten, eleven] = [{ IPv4: ip('10.96.0.10') }, { IPv4: ip('10.96.0.11') }];

describe('settleClaims', () => {
  it('gives an external IP that two Services claim to the older one, and tells the other', () => {
    const externalIps = [ip('203.0.113.1')];
    const young = service('a-young', { clusterIps: ten, externalIps, createdAtMs: 2000 });
    const old = service('b-old', { clusterIps: eleven, externalIps, createdAtMs: 1000 });
    const resolution = resolve(young, old);
    expect(externalOf(resolution, 'b-old')).toHaveLength(1);
    expect(externalOf(resolution, 'a-young')).toEqual([]);
    expect(resolution.diagnostics).toMatchObject([
      { code: 'frontend-conflict', object: { name: 'a-young' }, field: 'spec.externalIPs' },
    ]);
  });

  it('never gives the cluster IP of a Service to an external IP of an older one', () => {
    const thief = service('old', { clusterIps: ten, externalIps: [eleven.IPv4], createdAtMs: 1 });
    const resolution = resolve(thief, service('young', { clusterIps: eleven, createdAtMs: 2 }));
    expect(externalOf(resolution, 'old')).toEqual([]);
    expect(resolution.services[1]?.ports[0]?.frontends.clusterIp).toBe(eleven.IPv4);
    expect(resolution.diagnostics).toMatchObject([
      { field: 'spec.externalIPs', problem: expect.stringContaining('Service shop/young, whose cluster IP it is') },
    ]);
  });

  it('goes by name between Services of the same age, and takes a Service without an age for the youngest', () => {
    const externalIps = [ip('203.0.113.1')];
    const [a, b] = [service('a', { clusterIps: ten, externalIps }), service('b', { clusterIps: eleven, externalIps })];
    expect(externalOf(resolve(b, a), 'a')).toHaveLength(1);
    expect(externalOf(resolve({ ...b, createdAtMs: 1 }, a), 'b')).toHaveLength(1);
  });

  it('lets two Services share an address on different ports or protocols', () => {
    const externalIps = [ip('203.0.113.1')];
    const udp = [{ name: 'http', protocol: 'UDP', port: 80 }] as const;
    const resolution = resolve(
      service('a', { clusterIps: ten, externalIps }),
      service('b', { clusterIps: eleven, externalIps, ports: udp }),
    );
    expect(resolution.diagnostics).toEqual([]);
  });

  it('keeps health checks and NodePorts of TCP apart', () => {
    const nodePort = [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30000 }] as const;
    const resolution = resolve(
      service('a', { clusterIps: ten, ports: nodePort, createdAtMs: 1 }),
      service('b', { clusterIps: eleven, healthCheckNodePort: 30000, createdAtMs: 2 }),
    );
    expect(resolution.services.map(({ healthCheckNodePort }) => healthCheckNodePort)).toEqual([undefined, undefined]);
    expect(resolution.diagnostics).toMatchObject([{ field: 'spec.healthCheckNodePort' }]);
  });

  it('keeps the identity of Services that a change elsewhere does not concern', () => {
    const externalIps = [ip('203.0.113.1')];
    const winner = service('a', { clusterIps: ten, externalIps, createdAtMs: 1 });
    const loser = service('b', { clusterIps: eleven, externalIps, createdAtMs: 2 });
    const memory = emptyClaimMemory();
    const settle = (...services: readonly Service[]) =>
      settleClaims(memory, snapshotOf({ services }).services, context);
    const before = settle(winner, loser);
    const after = settle(winner, loser, service('c', { clusterIps: { IPv4: ip('10.96.0.12') } }));
    expect(after.services.slice(0, 2).every((each, i) => each === before.services[i])).toBe(true);
  });

  it('has nothing for a Service without a cluster IP of the family', () => {
    const nodePort = [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30000 }] as const;
    expect(resolve(service('a', { clusterIps: { IPv6: ip('fd00::1') }, ports: nodePort })).services).toEqual([]);
  });
});

describe('source ranges', () => {
  const loadBalancerIps = [ip('203.0.113.1'), ip('203.0.113.2')];
  const allowed = (...ranges: readonly string[]) =>
    externalOf(resolve(service('a', { loadBalancerIps, loadBalancerSourceRanges: ranges.map(constantCidr) })), 'a').map(
      ({ allowedSources }) => allowedSources,
    );

  it('restrict nothing when there are none, or when one holds everybody', () => {
    expect(allowed()).toEqual([undefined, undefined]);
    expect(allowed('198.51.100.0/24', '0.0.0.0/0')).toEqual([undefined, undefined]);
  });

  it('of the other family restrict nothing', () => {
    expect(allowed('2001:db8::/32')).toEqual([undefined, undefined]);
  });

  it('that hold the node hold the load-balancer IPs too, as these may be its source', () => {
    const ranges = ['192.168.0.0/24', '203.0.113.1/32', '203.0.113.2/32'];
    expect(allowed('192.168.0.0/24')).toEqual([ranges, ranges]);
  });

  it('guard an address that is an external IP at the same time', () => {
    const both = service('a', {
      loadBalancerIps,
      externalIps: loadBalancerIps,
      loadBalancerSourceRanges: [constantCidr('198.51.100.0/24')],
    });
    expect(externalOf(resolve(both), 'a')).toMatchObject([
      { allowedSources: ['198.51.100.0/24'] },
      { allowedSources: ['198.51.100.0/24'] },
    ]);
  });
});

describe('the memory of claims', () => {
  it('settles as if it had never settled anything before', () => {
    // Few conflicts in most, so that what changed is settled alone; and many in some.
    const one = fc
      .record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        clusterIp: fc.integer({ min: 1, max: 200 }),
        external: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }),
        createdAtMs: fc.nat(3),
      })
      .map(({ name, clusterIp, external, createdAtMs }) =>
        service(name, {
          clusterIps: { IPv4: ip(`10.96.0.${clusterIp}`) },
          externalIps: external.map((number) => ip(`203.0.113.${number}`)),
          ...(createdAtMs === 0 ? {} : { createdAtMs }),
        }),
      );
    const services = fc.uniqueArray(one, { selector: ({ name }) => name });
    fc.assert(
      fc.property(fc.array(services, { minLength: 2, maxLength: 6 }), (history) => {
        const memory = emptyClaimMemory();
        let snapshot = emptySnapshot;
        for (const list of history) {
          snapshot = nextSnapshot(
            snapshot,
            list.map((object) => ({ kind: 'Service', object })),
          );
          expect(settleClaims(memory, snapshot.services, context)).toEqual(
            settleClaims(emptyClaimMemory(), snapshot.services, context),
          );
        }
      }),
      { seed: 20261126, numRuns: 300 },
    );
  });
});
