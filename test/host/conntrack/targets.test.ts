import { describe, expect, it } from 'vitest';
import { createCompiler } from '../../../src/core/compiler.ts';
import { perFamily } from '../../../src/core/model/address.ts';
import type { EndpointSlice, Service, SliceEndpoint } from '../../../src/core/model/objects.ts';
import { emptySnapshot, reduce } from '../../../src/core/snapshot/snapshot.ts';
import {
  type NodeState,
  noTargets,
  staleFlows,
  targetOf,
  udpChanged,
  udpTargets,
  withGone,
} from '../../../src/host/conntrack/targets.ts';
import { endpoint, ip, nodeConfig, service, slice } from '../../support/objects.ts';

const compilers = perFamily((family) => createCompiler(nodeConfig(), family));
const ports = [{ name: 'dns', protocol: 'UDP', port: 53, nodePort: 30053 }] as const;
const dns = service('dns', { ports, externalIps: [ip('203.0.113.1')] });
const web = service('web', { clusterIps: { IPv4: ip('10.96.0.2') } });
const dnsSlice = (endpoints: readonly SliceEndpoint[]) =>
  slice('dns', endpoints, { ports: [{ name: 'dns', protocol: 'UDP', port: 5353 }] });

function stateOf(services: readonly Service[], slices: readonly EndpointSlice[], from = emptySnapshot): NodeState {
  const snapshot = reduce(from, [
    ...services.map((object) => ({ type: 'set', manifest: { kind: 'Service', object } }) as const),
    ...slices.map((object) => ({ type: 'set', manifest: { kind: 'EndpointSlice', object } }) as const),
  ]);
  return {
    snapshots: { IPv4: snapshot, IPv6: snapshot },
    plans: perFamily((family) => compilers[family]?.compile(snapshot).plan),
  };
}

const targetsOf = (services: readonly Service[], slices: readonly EndpointSlice[]) =>
  udpTargets(stateOf(services, slices), 'IPv4');

describe('udpTargets', () => {
  it('has each frontend of a UDP port, with all endpoints that serve, and no TCP port', () => {
    const draining = endpoint('10.244.1.2', { ready: false, serving: true, terminating: true });
    const gone = endpoint('10.244.1.3', { ready: false, serving: false });
    const unready = endpoint('10.244.1.4', { ready: true, serving: false });
    const targets = targetsOf([dns, web], [dnsSlice([endpoint('10.244.1.1'), draining, gone, unready])]);
    expect([...targets.frontends.keys()]).toEqual(['10.96.0.1 53', '203.0.113.1 53']);
    expect([...targets.nodePorts.keys()]).toEqual(['30053']);
    expect(targets.nodePorts.get('30053')).toEqual({
      serving: new Set(['10.244.1.1 5353', '10.244.1.2 5353', '10.244.1.4 5353']),
      isGone: false,
    });
  });

  it('has no targets of a family without a plan', () => {
    expect(udpTargets({ plans: {}, snapshots: {} }, 'IPv6')).toEqual(noTargets);
  });
});

describe('targetOf', () => {
  const now = targetsOf([dns], [dnsSlice([endpoint('10.244.1.1')])]);
  const here = new Set(['192.168.0.2']);

  it('finds frontends by address and port, and NodePorts on addresses of the node', () => {
    expect(targetOf(now, here, '10.96.0.1 53')?.isGone).toBe(false);
    expect(targetOf(now, here, '192.168.0.2 30053')?.isGone).toBe(false);
    for (const destination of ['10.96.0.1 54', '10.96.0.9 53', '192.168.0.3 30053', '192.168.0.2 53', '']) {
      expect(targetOf(now, here, destination)).toBeUndefined();
    }
  });

  it('prefers a NodePort that is there to a frontend that is gone', () => {
    const onNode = service('dns', {
      ports: [{ name: 'dns', protocol: 'UDP', port: 30053 }],
      externalIps: [ip('192.168.0.2')],
    });
    const both = withGone(targetsOf([onNode], []), now);
    expect(both.frontends.get('192.168.0.2 30053')?.isGone).toBe(true);
    expect(targetOf(both, here, '192.168.0.2 30053')?.isGone).toBe(false);
  });
});

describe('staleFlows', () => {
  const target = (isGone: boolean, ...serving: readonly string[]) => ({ serving: new Set(serving), isGone });
  const destination = '10.96.0.1 53';
  const stale = (...args: Parameters<typeof target>) =>
    ['10.244.1.1 5353', '10.244.1.2 5353', destination].filter(
      (source) => staleFlows(target(...args), destination, source) !== undefined,
    );

  it.each<[string, Parameters<typeof target>, readonly string[]]>([
    ['answered by no endpoint, or not sent to any', [false, '10.244.1.1 5353'], ['10.244.1.2 5353', destination]],
    ['without any endpoint', [false], ['10.244.1.1 5353', '10.244.1.2 5353', destination]],
    ['to a gone frontend that were sent to its endpoints', [true, '10.244.1.1 5353'], ['10.244.1.1 5353']],
    ['none where a gone frontend was its own endpoint', [true, destination], []],
    ['none where the frontend is its own endpoint', [false, destination, '10.244.1.1 5353', '10.244.1.2 5353'], []],
  ])('are those %s', (_, args, wanted) => expect(stale(...args)).toEqual(wanted));

  it('are all flows at once where there is no endpoint, but not when the frontend is gone', () => {
    expect(staleFlows(target(false), destination, '10.244.1.1 5353')?.replySource).toBeUndefined();
    expect(staleFlows(target(true, '10.244.1.1 5353'), destination, '10.244.1.1 5353')?.replySource).toBeDefined();
  });
});

describe('udpChanged', () => {
  const dnsAndWeb = () => stateOf([dns, web], [dnsSlice([endpoint('10.244.1.1')])]);

  it('sees endpoints of UDP ports come and go, also those that take no new flows', () => {
    const before = dnsAndWeb();
    const draining = endpoint('10.244.1.9', { ready: false, serving: true, terminating: true });
    const after = stateOf([], [dnsSlice([endpoint('10.244.1.1'), draining])], before.snapshots.IPv4);
    expect(udpChanged(before.plans, after.plans)).toBe(true);
    expect(udpChanged({}, before.plans)).toBe(true);
  });

  it('does not see what happens to TCP', () => {
    const before = dnsAndWeb();
    const after = stateOf([], [slice('web', [endpoint('10.244.1.7')])], before.snapshots.IPv4);
    expect(after.plans.IPv4?.servicePorts).not.toBe(before.plans.IPv4?.servicePorts);
    expect(udpChanged(before.plans, after.plans)).toBe(false);
    expect(udpChanged(before.plans, before.plans)).toBe(false);
  });
});
