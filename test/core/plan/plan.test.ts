import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/core/compiler.ts';
import type { Node } from '../../../src/core/model/objects.ts';
import { maxPoolSize } from '../../../src/core/plan/endpoints.ts';
import { emptyPlanMemory, planFamily } from '../../../src/core/plan/plan.ts';
import { reduce } from '../../../src/core/snapshot/snapshot.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

describe('planFamily', () => {
  const config = nodeConfig();
  const memory = emptyPlanMemory();
  const services = snapshotOf({ services: [service('web')], slices: [slice('web', [endpoint('10.244.1.1')])] });

  function planWith(over: Partial<Node>) {
    const object: Node = { name: config.nodeName, addresses: [ip('192.168.0.2')], podCidrs: [], ...over };
    const snapshot = reduce(services, [{ type: 'set', manifest: { kind: 'Node', object } }]);
    return planFamily(snapshot, config, 'IPv4', memory).plan;
  }

  it('plans nothing anew for a Node object that says what it said before', () => {
    const [before, after] = [planWith({}), planWith({})];
    expect(after.servicePorts[0]?.[0]).toBe(before.servicePorts[0]?.[0]);
    expect(after.localPods).toBe(before.localPods);
    expect(planWith({ zone: 'a' }).servicePorts[0]?.[0]).not.toBe(before.servicePorts[0]?.[0]);
  });

  it.each(['iptables', 'nftables'] as const)('has as many endpoints in %s mode as nft can hold', (mode) => {
    const endpoints = Array.from({ length: maxPoolSize + 2 }, (_, i) =>
      endpoint(`10.${128 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`),
    );
    const snapshot = snapshotOf({ services: [service('web'), service('huge')], slices: [slice('huge', endpoints)] });
    const { plans, diagnostics } = compile(snapshot, nodeConfig({ mode }), ['IPv4']);
    expect(plans.IPv4?.servicePorts.flat().map(({ pools }) => pools.cluster.length)).toEqual([maxPoolSize, 0]);
    expect(diagnostics).toMatchObject([
      { code: 'frontend-conflict' },
      { code: 'frontend-contested', object: { name: 'huge' } },
      { code: 'endpoints-surplus', object: { name: 'huge' }, problem: expect.stringContaining('has 2 endpoints more') },
    ]);
  });
});
