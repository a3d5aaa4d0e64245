import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSnapshot } from '../../../src/core/forecast/next-snapshot.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Service } from '../../../src/core/model/objects.ts';
import { emptyClaimMemory, settleClaims } from '../../../src/core/plan/claims.ts';
import { guardOf } from '../../../src/core/plan/node-guard.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { ip, service, snapshotOf } from '../../support/objects.ts';
import { context, eleven, externalOf, resolve, settle, ten } from './settling.ts';

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
      { code: 'frontend-contested', object: { name: 'b-old' }, field: 'spec.externalIPs' },
    ]);
  });

  it('never gives the cluster IP of a Service to an external IP of an older one', () => {
    const thief = service('old', { clusterIps: ten, externalIps: [eleven.IPv4], createdAtMs: 1 });
    const resolution = resolve(thief, service('young', { clusterIps: eleven, createdAtMs: 2 }));
    expect(externalOf(resolution, 'old')).toEqual([]);
    expect(resolution.services[1]?.ports[0]?.frontends.clusterIp).toBe(eleven.IPv4);
    expect(resolution.diagnostics).toMatchObject([
      { field: 'spec.externalIPs', problem: expect.stringContaining('Service shop/young, whose cluster IP it is') },
      { code: 'frontend-contested', object: { name: 'young' }, field: 'spec.clusterIPs' },
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
    expect(resolution.diagnostics).toMatchObject([
      { object: { name: 'b' }, field: 'spec.healthCheckNodePort' },
      { object: { name: 'a' }, field: 'spec.ports[0].nodePort' },
    ]);
  });

  it('keeps the identity of Services that a change elsewhere does not concern', () => {
    const externalIps = [ip('203.0.113.1')];
    const winner = service('a', { clusterIps: ten, externalIps, createdAtMs: 1 });
    const loser = service('b', { clusterIps: eleven, externalIps, createdAtMs: 2 });
    const memory = emptyClaimMemory();
    const guard = guardOf({ last: undefined }, emptySnapshot, context);
    const settleAll = (...services: readonly Service[]) =>
      settleClaims(memory, snapshotOf({ services }).services, context, guard);
    const before = settleAll(winner, loser);
    const after = settleAll(winner, loser, service('c', { clusterIps: { IPv4: ip('10.96.0.12') } }));
    expect(after.services.slice(0, 2).every((each, i) => each === before.services[i])).toBe(true);
    expect(after.diagnostics).toBe(before.diagnostics);
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

  it('restrict nothing when there are none, or when one of them is the whole family', () => {
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
  /** Few conflicts in most, so that what changed is settled alone; and many in some. */
  const one = fc
    .record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      clusterIp: fc.integer({ min: 1, max: 200 }),
      external: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
      loadBalancer: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 1 }),
      ports: fc.uniqueArray(fc.constantFrom(80, 443, 30080, 30443), { minLength: 1, maxLength: 2 }),
      nodePort: fc.constantFrom(undefined, undefined, 30080, 30443),
      healthCheckNodePort: fc.constantFrom(undefined, undefined, undefined, 30443),
      createdAtMs: fc.nat(3),
    })
    .map(({ name, clusterIp, external, loadBalancer, ports, nodePort, healthCheckNodePort, createdAtMs }) =>
      service(name, {
        clusterIps: { IPv4: ip(`10.96.0.${clusterIp}`) },
        externalIps: external.map((number) => ip(`192.168.0.${number}`)),
        loadBalancerIps: loadBalancer.map((number) => ip(`192.168.0.${number}`)),
        ports: ports.map((port, i) => ({
          ...{ name: `p${port}`, protocol: 'TCP' as const, port },
          ...(nodePort === undefined || i > 0 ? {} : { nodePort }),
        })),
        ...(healthCheckNodePort === undefined ? {} : { healthCheckNodePort }),
        ...(createdAtMs === 0 ? {} : { createdAtMs }),
      }),
    );
  const services = fc.uniqueArray(one, { selector: ({ name }) => name });
  /** What the node is known to have, besides 192.168.0.2. */
  const host = fc.record({
    addresses: fc.subarray([ip('192.168.0.3'), ip('192.168.0.4')]),
    apiEndpoints: fc.subarray(['192.168.0.5:443', '192.168.0.2:80']),
  });

  it('settles as if it had never settled anything before', () => {
    const steps = fc.array(fc.record({ services, host: fc.option(host, { nil: undefined }) }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(steps, (history) => {
        const [memory, guards] = [emptyClaimMemory(), { last: undefined }];
        let snapshot = emptySnapshot;
        for (const step of history) {
          const next = nextSnapshot(
            snapshot,
            step.services.map((object) => ({ kind: 'Service', object })),
          );
          snapshot = step.host === undefined ? next : { ...next, host: step.host };
          const guard = guardOf(guards, snapshot, context);
          expect(settleClaims(memory, snapshot.services, context, guard)).toEqual(settle(snapshot));
        }
      }),
      { seed: 20261126, numRuns: 500 },
    );
  });

  it('gives each address and port to one Service at most, and to one of the best rank', () => {
    fc.assert(
      fc.property(services, (list) => {
        const settlement = resolve(...list);
        const owners = new Map<string, string>();
        const take = (key: string, owner: string): void => {
          expect(owners.get(key), key).toBeUndefined();
          owners.set(key, owner);
        };
        for (const { key, ports, healthCheckNodePort } of settlement.services) {
          if (healthCheckNodePort !== undefined) take(`node ${healthCheckNodePort}`, key);
          for (const { port, frontends } of ports) {
            const { clusterIp, external, nodePort } = frontends;
            if (clusterIp !== undefined) take(`${clusterIp} ${port.port}`, key);
            for (const { address } of external) take(`${address} ${port.port}`, key);
            if (nodePort !== undefined) take(`node ${nodePort}`, key);
          }
        }
        for (const each of list) {
          for (const [address, port] of each.loadBalancerIps.flatMap((a) =>
            each.ports.map((p) => [a, p.port] as const),
          )) {
            const owner = owners.get(`${address} ${port}`);
            const ofOwner = list.find(({ namespace, name }) => owner === `${namespace}/${name}`);
            // An address of this node has no other frontend where a NodePort answers.
            if (address === '192.168.0.2' && owners.has(`node ${port}`)) expect(owner).toBeUndefined();
            else expect(ofOwner?.loadBalancerIps).toContain(address);
          }
        }
      }),
      { seed: 20261130, numRuns: 500 },
    );
  });
});
