import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSnapshot } from '../../../src/core/forecast/next-snapshot.ts';
import type { IpAddress } from '../../../src/core/model/address.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Service } from '../../../src/core/model/objects.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { type ClaimMemory, emptyClaimMemory, type Settlement, settleClaims } from '../../../src/core/plan/claims.ts';
import { familyContext } from '../../../src/core/plan/context.ts';
import { guardOf } from '../../../src/core/plan/node-guard.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { claimRules, endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

const context = familyContext(nodeConfig(), undefined, 'IPv4');

/** Settles with a new memory unless one is given. */
function settle(snapshot: Snapshot, of = context, memory: ClaimMemory = emptyClaimMemory()): Settlement {
  return settleClaims(memory, snapshot.services, of, guardOf({ last: undefined }, snapshot, of));
}

function resolve(...services: readonly Service[]): Settlement {
  return settle(snapshotOf({ services }));
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

describe('ranks of claims', () => {
  const address = ip('203.0.113.7');
  const http = { name: 'http', protocol: 'TCP', port: 80 } as const;
  const onNode = ip('192.168.0.2');

  it('give a load-balancer IP to the Service that a controller gave it to, however old an external IP is', () => {
    const shop = service('shop', { clusterIps: ten, loadBalancerIps: [address], createdAtMs: 2 });
    const trap = service('trap', { clusterIps: eleven, externalIps: [address], createdAtMs: 1 });
    const resolution = resolve(shop, trap);
    expect(externalOf(resolution, 'shop')).toHaveLength(1);
    expect(externalOf(resolution, 'trap')).toEqual([]);
    expect(resolution.diagnostics).toMatchObject([
      {
        code: 'frontend-conflict',
        object: { name: 'trap' },
        problem: '203.0.113.7:80 TCP already belongs to Service shop/shop, whose load-balancer IP it is',
        rival: { name: 'shop' },
      },
      { code: 'frontend-contested', severity: 'info', object: { name: 'shop' }, rival: { name: 'trap' } },
    ]);
  });

  it.each([
    ['an external IP', { externalIps: [onNode] }],
    ['a load-balancer IP', { loadBalancerIps: [onNode] }],
  ])('never give a NodePort to %s on an address of this node', (_, over) => {
    const nodePort = service('shop', { clusterIps: ten, ports: [{ ...http, nodePort: 30443 }], createdAtMs: 2 });
    const trap = service('trap', { ...over, clusterIps: eleven, ports: [{ ...http, port: 30443 }], createdAtMs: 1 });
    const resolution = resolve(nodePort, trap);
    expect(externalOf(resolution, 'trap')).toEqual([]);
    expect(resolution.services[0]?.ports[0]?.frontends.nodePort).toBe(30443);
    expect(resolution.diagnostics).toMatchObject([
      { code: 'frontend-conflict', problem: expect.stringContaining('shop/shop, whose NodePort it is') },
      { code: 'frontend-contested', object: { name: 'shop' }, field: 'spec.ports[0].nodePort' },
    ]);
  });

  it('never give a health-check port to an external IP on an address of this node', () => {
    const checked = service('checked', { clusterIps: ten, healthCheckNodePort: 31000 });
    const trap = service('trap', { clusterIps: eleven, externalIps: [onNode], ports: [{ ...http, port: 31000 }] });
    expect(externalOf(resolve(checked, trap), 'trap')).toEqual([]);
  });

  it('leave an external IP on this node every other port, and other nodes every port', () => {
    const nodePort = service('shop', { clusterIps: ten, ports: [{ ...http, nodePort: 30443 }] });
    const other = { clusterIps: eleven, ports: [{ ...http, port: 30443 }] };
    expect(
      externalOf(resolve(nodePort, service('x', { ...other, externalIps: [ip('192.168.0.3')] })), 'x'),
    ).toHaveLength(1);
    expect(
      externalOf(resolve(nodePort, service('x', { clusterIps: eleven, externalIps: [onNode] })), 'x'),
    ).toHaveLength(1);
    const udp = { clusterIps: eleven, ports: [{ ...http, port: 30443, protocol: 'UDP' }] } as const;
    expect(externalOf(resolve(nodePort, service('x', { ...udp, externalIps: [onNode] })), 'x')).toHaveLength(1);
  });
});

describe('what the node needs', () => {
  const [onNode, onKernel] = [ip('192.168.0.2'), ip('192.0.2.77')];
  const trap = (port: number, ...externalIps: readonly IpAddress[]) =>
    service('trap', { externalIps, ports: [{ name: 'http', protocol: 'TCP', port }] });
  const host = { addresses: [onKernel], apiEndpoints: ['198.51.100.1:6443'] };
  const claim = (thief: Service, of = context) => {
    const { services, diagnostics } = settle({ ...snapshotOf({ services: [thief] }), host }, of);
    const served = services[0]?.ports[0]?.frontends.external.map(({ address }) => address);
    return { served, problems: diagnostics.map(({ code, problem }) => `${code}: ${problem}`) };
  };

  it("is never taken: the kubelet's port on each address of this node", () => {
    expect(claim(trap(10250, onNode, onKernel, ip('192.168.0.3')))).toEqual({
      served: ['192.168.0.3'],
      problems: [
        'external-ip-refused: 192.0.2.77:10250 TCP, 192.168.0.2:10250 TCP: not served, ' +
          "because port 10250 of this node's addresses is the kubelet's",
      ],
    });
  });

  it('is never taken: the way to the API server, on whatever address', () => {
    expect(claim(trap(6443, ip('198.51.100.1')))).toEqual({
      served: [],
      problems: ['external-ip-refused: 198.51.100.1:6443 TCP: not served, because this is the API server'],
    });
    expect(claim(trap(443, ip('198.51.100.1'))).served).toEqual(['198.51.100.1']);
  });

  it('is never taken: an endpoint of default/kubernetes', () => {
    const api = slice('kubernetes', [endpoint('192.168.0.9')], {
      namespace: 'default',
      ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
    });
    const { services } = settle(snapshotOf({ services: [trap(6443, ip('192.168.0.9'))], slices: [api] }));
    expect(services[0]?.ports[0]?.frontends.external).toEqual([]);
  });

  it('is served otherwise, unless all addresses of the node are protected', () => {
    expect(claim(trap(443, onNode, onKernel)).served).toEqual([onKernel, onNode]);
    const rules = { ...claimRules, protectNodeAddresses: true };
    const strict = familyContext(nodeConfig({ claimRules: rules }), undefined, 'IPv4');
    expect(claim(trap(443, onNode, onKernel), strict)).toMatchObject({
      served: [],
      problems: [expect.stringContaining('--protect-node-addresses')],
    });
  });

  it('has no external IPs at all with the feature gate off, while load-balancer IPs stay', () => {
    const rules = { ...claimRules, allowExternalIps: false };
    const off = familyContext(nodeConfig({ claimRules: rules }), undefined, 'IPv4');
    const both = service('both', { externalIps: [ip('203.0.113.1')], loadBalancerIps: [ip('203.0.113.2')] });
    expect(claim(both, off)).toEqual({
      served: ['203.0.113.2'],
      problems: [expect.stringContaining('external-ips-off')],
    });
  });
});

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
