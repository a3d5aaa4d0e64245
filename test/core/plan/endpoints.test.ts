import { describe, expect, it } from 'vitest';
import type { EndpointSlice, SliceEndpoint } from '../../../src/core/model/objects.ts';
import { candidatesFor, countLocalEndpoints, selectPools } from '../../../src/core/plan/endpoints.ts';
import { endpoint, slice } from '../../support/objects.ts';

const port = { name: 'http', protocol: 'TCP', port: 80 } as const;
const place = { name: 'node-a', zone: 'zone-a' };
const here = { nodeName: 'node-a' };

function candidates(...slices: readonly EndpointSlice[]) {
  return candidatesFor(new Map(slices.map((each) => [each.name, each])), port, 'IPv4', place);
}

function pools(...endpoints: readonly SliceEndpoint[]) {
  const { cluster, local, hasAny } = selectPools(candidates(slice('web', endpoints)), place);
  return { cluster: cluster.map(({ address }) => address), local: local.map(({ address }) => address), hasAny };
}

describe('candidatesFor', () => {
  it('matches slice ports by name and protocol and takes their number', () => {
    const ports = [
      { name: 'http', protocol: 'TCP', port: 8080 },
      { name: 'http', protocol: 'UDP', port: 8081 },
      { name: 'admin', protocol: 'TCP', port: 9090 },
    ] as const;
    expect(candidates(slice('web', [endpoint('10.0.0.1')], { ports })).map(({ key }) => key)).toEqual([
      '10.0.0.1:8080',
    ]);
  });

  it('ignores slices of the other family', () => {
    expect(candidates(slice('web', [endpoint('fd00::1')], { family: 'IPv6' }))).toEqual([]);
  });

  it('counts an endpoint that is in several slices once', () => {
    const found = candidates(
      slice('web', [endpoint('10.0.0.1')], { name: 'a' }),
      slice('web', [endpoint('10.0.0.1')], { name: 'b' }),
    );
    expect(found).toHaveLength(1);
  });

  it('prefers the ready copy, then the one that is not terminating, then the serving one', () => {
    const copies = [
      endpoint('10.0.0.1', { ready: false, serving: false, terminating: true }),
      endpoint('10.0.0.1', { ready: false, serving: true, terminating: true }),
      endpoint('10.0.0.1', { ready: false, serving: false, terminating: false }),
      endpoint('10.0.0.1', { ready: false, serving: true, terminating: false }),
      endpoint('10.0.0.1', { ready: true, serving: false, terminating: true }),
    ];
    for (let best = 1; best < copies.length; best += 1) {
      const some = copies.slice(0, best + 1);
      for (const order of [some, some.toReversed()]) {
        const slices = order.map((copy, i) => slice('web', [copy], { name: `slice-${i}` }));
        expect(candidates(...slices).map(({ source }) => source)).toEqual([copies[best]]);
      }
    }
  });

  it('takes an endpoint without a node for one that may be here', () => {
    const { nodeName: _, ...unknown } = endpoint('10.0.0.1');
    expect(candidates(slice('web', [unknown]))[0]?.planned.locality).toBe('possible');
  });
});

describe('selectPools', () => {
  it('uses ready endpoints and knows which are local', () => {
    expect(pools(endpoint('10.0.0.1', here), endpoint('10.0.0.2'), endpoint('10.0.0.3', { ready: false }))).toEqual({
      cluster: ['10.0.0.1', '10.0.0.2'],
      local: ['10.0.0.1'],
      hasAny: true,
    });
  });

  it('falls back to terminating endpoints for each pool on its own', () => {
    const draining = { ready: false, serving: true, terminating: true };
    expect(pools(endpoint('10.0.0.1', { ...here, ...draining }), endpoint('10.0.0.2'))).toEqual({
      cluster: ['10.0.0.2'],
      local: ['10.0.0.1'],
      hasAny: true,
    });
  });

  it('never uses an endpoint that terminates and does not serve', () => {
    const gone = { ready: false, serving: false, terminating: true };
    expect(pools(endpoint('10.0.0.1', gone))).toEqual({ cluster: [], local: [], hasAny: false });
  });

  it('keeps to the zone when every ready endpoint has hints', () => {
    const a = { zoneHints: ['zone-a'] };
    const b = { zoneHints: ['zone-b'] };
    expect(pools(endpoint('10.0.0.1', a), endpoint('10.0.0.2', b)).cluster).toEqual(['10.0.0.1']);
  });

  it('ignores zone hints when one ready endpoint has none', () => {
    const a = { zoneHints: ['zone-a'] };
    expect(pools(endpoint('10.0.0.1', a), endpoint('10.0.0.2')).cluster).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('does not ask endpoints that are not ready for hints', () => {
    const a = { zoneHints: ['zone-a'] };
    const b = { zoneHints: ['zone-b'] };
    const notReady = endpoint('10.0.0.3', { ready: false });
    expect(pools(endpoint('10.0.0.1', a), endpoint('10.0.0.2', b), notReady).cluster).toEqual(['10.0.0.1']);
  });

  it('ignores hints that never name this zone', () => {
    const b = { zoneHints: ['zone-b'] };
    expect(pools(endpoint('10.0.0.1', b), endpoint('10.0.0.2', b)).cluster).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('asks the node before the zone', () => {
    const both = { zoneHints: ['zone-a'] };
    const endpoints = [
      endpoint('10.0.0.1', { ...both, nodeHints: ['node-a'] }),
      endpoint('10.0.0.2', { ...both, nodeHints: ['node-b'] }),
    ];
    expect(pools(...endpoints).cluster).toEqual(['10.0.0.1']);
  });

  it('gives local traffic every local endpoint, whatever the hints', () => {
    const b = { zoneHints: ['zone-b'], ...here };
    expect(pools(endpoint('10.0.0.1', b), endpoint('10.0.0.2', { zoneHints: ['zone-a'] })).local).toEqual(['10.0.0.1']);
  });
});

describe('countLocalEndpoints', () => {
  const count = (...slices: readonly EndpointSlice[]) =>
    countLocalEndpoints(new Map(slices.map((each) => [each.name, each])), { family: 'IPv4', place });
  const local = [endpoint('10.0.0.1', here)];

  it('leaves out endpoints that only terminate, and those elsewhere', () => {
    const draining = { ready: false, serving: true, terminating: true };
    const all = [...local, endpoint('10.0.0.2', { ...here, ...draining }), endpoint('10.0.0.3')];
    expect(count(slice('web', all))).toBe(1);
  });

  it('counts an address once, on whichever ports of whichever slices', () => {
    const ports = [8080, 9090].map((port) => ({ name: `port-${port}`, protocol: 'TCP' as const, port }));
    expect(count(slice('web', local, { ports }), slice('web', local, { name: 'web-2' }))).toBe(1);
  });

  it('counts what is on a port that the Service does not have', () => {
    const ports = [{ name: 'unknown', protocol: 'UDP' as const, port: 53 }];
    expect(count(slice('web', local, { ports }))).toBe(1);
  });

  it('counts nothing without ports, nor of the other family', () => {
    expect(count(slice('web', local, { ports: [] }))).toBe(0);
    expect(count(slice('web', local, { family: 'IPv6' }))).toBe(0);
  });
});
