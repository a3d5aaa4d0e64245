import { describe, expect, it } from 'vitest';
import { readNode } from '../../../src/core/manifest/manifest.ts';
import { said } from './fixtures.ts';

const node = (rest: object) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0' }, ...rest });

describe('readNode', () => {
  it('reads a node as the API serves it', () => {
    const { object, diagnostics } = readNode(
      node({
        metadata: { name: 'node-0', labels: { 'topology.kubernetes.io/zone': 'zone-a' } },
        spec: { podCIDR: '10.128.0.0/24', podCIDRs: ['10.128.0.0/24', 'fd00:128:0::/64'] },
        status: {
          addresses: [
            { type: 'ExternalIP', address: '203.0.113.1' },
            { type: 'InternalIP', address: '10.255.1.2' },
            { type: 'Hostname', address: 'node-0' },
            { type: 'InternalIP', address: 'fd00:255:1::2' },
            { type: 'ExternalIP', address: '10.255.1.2' },
          ],
        },
      }),
    );
    expect(object).toEqual({
      name: 'node-0',
      addresses: ['10.255.1.2', 'fd00:255:1::2', '203.0.113.1'],
      podCidrs: ['10.128.0.0/24', 'fd00:128::/64'],
      zone: 'zone-a',
    });
    expect([diagnostics, Object.isFrozen(object)]).toEqual([[], true]);
  });

  it('reads a node of which little is known', () => {
    expect(readNode(node({ metadata: { name: 'a.b', labels: { 'topology.kubernetes.io/zone': '' } } }))).toEqual({
      object: { name: 'a.b', addresses: [], podCidrs: [] },
      diagnostics: [],
    });
  });

  it('takes podCIDR where there are no podCIDRs', () => {
    expect(readNode(node({ spec: { podCIDR: '10.128.0.0/24', podCIDRs: [] } })).object?.podCidrs).toEqual([
      '10.128.0.0/24',
    ]);
  });

  it.each([
    ['is being deleted', { metadata: { name: 'node-0', deletionTimestamp: '2026-01-01T00:00:00Z' } }, true],
    ['is to be removed', { spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } }, true],
    ['stays', { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }, 7] } }, undefined],
  ])('tells that a node %s', (_, rest, isLeaving) => {
    expect(readNode(node(rest)).object?.isLeaving).toBe(isLeaving);
  });

  it('leaves out what it cannot read, and keeps the node', () => {
    const result = readNode(
      node({
        metadata: { name: 'node-0', labels: { 'topology.kubernetes.io/zone': 'a b' } },
        spec: { podCIDRs: ['10.128.0.0/40', 'fd00::/64'] },
        status: { addresses: [{ type: 'InternalIP', address: '10.0.0.300' }, 'x', { type: 7 }] },
      }),
    );
    expect(result.object).toEqual({ name: 'node-0', addresses: [], podCidrs: ['fd00::/64'] });
    expect(said(result)).toEqual([
      'error name-invalid metadata.labels[topology.kubernetes.io/zone]',
      'error address-invalid status.addresses[0].address',
      'error wrong-type status.addresses[1]',
      'error wrong-type status.addresses[2].type',
      'error cidr-invalid spec.podCIDRs[0]',
    ]);
  });
});
