import { describe, expect, it } from 'vitest';
import { createCompiler } from '../../src/core/compiler.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { reduce } from '../../src/core/snapshot/snapshot.ts';
import { createFollower, type Followers } from '../../src/daemon/followers.ts';
import type { Standing } from '../../src/daemon/loop.ts';
import { nothingProgrammed } from '../../src/daemon/programming.ts';
import type { NodeState } from '../../src/host/conntrack/targets.ts';
import { memoryLog } from '../observe/logs/memory.ts';
import { diagnostic, familyReport, syncReport } from '../observe/reports.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../support/objects.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { createFakeKernel } from './support/fake-kernel.ts';

const compiler = createCompiler(nodeConfig(), 'IPv4');
const kernel = createFakeKernel('iptables', 'IPv4', createVirtualClock());

/** `programmed` stands in the kernel, while `known` is known. */
function standingOf(programmed: Snapshot, known = programmed): Standing {
  const { plan } = compiler.compile(programmed);
  return { snapshot: known, families: [{ ...nothingProgrammed(kernel), snapshot: programmed, plan }] };
}

function followersForTest(over: Partial<Followers> = {}) {
  const { log, lines } = memoryLog();
  const told: string[] = [];
  const requests: NodeState[] = [];
  const follow = createFollower({
    log,
    metrics: { observeSync: () => told.push('metrics') },
    health: { observeSync: () => told.push('health') },
    readiness: { observeSync: () => told.push('readiness') },
    history: { record: () => told.push('history') },
    checks: {
      sync: (families) =>
        told.push(`checks ${families.flatMap(({ checks }) => checks.map(({ name }) => name)).join()}`),
    },
    conntrack: { request: (state) => requests.push(state) },
    localAddresses: () => [],
    onFirstSuccess: () => told.push('first success'),
    onQuarantine: ({ namespace, name }, problem) => told.push(`held ${namespace}/${name}: ${problem}`),
    onConflict: ({ reason, name }) => told.push(`${reason} ${name}`),
    ...over,
  });
  return { follow, told, lines, requests };
}

const dns = service('dns', { ports: [{ name: 'dns', protocol: 'UDP', port: 53 }] });
const dnsSlice = (address: string) =>
  slice('dns', [endpoint(address)], { ports: [{ name: 'dns', protocol: 'UDP', port: 53 }] });
const withDns = (address: string): Snapshot => snapshotOf({ services: [dns], slices: [dnsSlice(address)] });
const fine = syncReport({ families: [familyReport({ mode: 'iptables' })] });

describe('who follows a turn', () => {
  it('is told each time; of the first success once', () => {
    const { follow, told } = followersForTest();
    const standing = standingOf(snapshotOf({}));
    follow(syncReport({ families: [familyReport({ result: 'failed' })] }), standing);
    const each = ['metrics', 'health', 'readiness', 'history', 'checks '];
    expect(told.splice(0)).toEqual(each);
    follow(fine, standing);
    expect(told.splice(0)).toEqual([...each, 'first success']);
    follow(fine, standing);
    expect(told).toEqual(each);
  });

  it('hears of no success while a family has had no turn', () => {
    const { follow, told } = followersForTest();
    follow(syncReport({ families: [] }), standingOf(snapshotOf({})));
    expect(told).not.toContain('first success');
  });

  it('is told although others fail, who are named in the log', () => {
    const fail = (): never => {
      throw new Error('out of order');
    };
    const { follow, told, lines } = followersForTest({ metrics: { observeSync: fail }, history: { record: fail } });
    follow(fine, standingOf(snapshotOf({})));
    expect(told).toEqual(['health', 'readiness', 'checks ', 'first success']);
    expect(lines.filter((line) => line.includes('a bug')).map((line) => /follower=\w+/.exec(line)?.[0])).toEqual([
      'follower=metrics',
      'follower=transactions',
    ]);
  });

  it('looks for stale UDP flows when UDP has changed, by what each family was programmed with', () => {
    const { follow, requests } = followersForTest();
    const [before, after] = [withDns('10.244.1.1'), withDns('10.244.1.2')];
    const late = standingOf(before, after);
    follow(fine, late);
    follow(fine, late);
    expect(requests.map(({ snapshots }) => snapshots)).toEqual([{ IPv4: before }]);
    follow(fine, standingOf(after));
    expect(requests).toHaveLength(2);
    // TCP finds out by itself.
    const web = { kind: 'Service', object: service('web', { clusterIps: { IPv4: ip('10.96.0.2') } }) } as const;
    follow(fine, standingOf(reduce(after, [{ type: 'set', manifest: web }])));
    expect(requests).toHaveLength(2);
  });

  it('serves the health checks of what stands', () => {
    const { follow, told } = followersForTest();
    const balanced = service('shop', { externalTrafficPolicy: 'Local', healthCheckNodePort: 32_000 });
    follow(fine, standingOf(snapshotOf({ services: [balanced] })));
    expect(told).toContain('checks shop');
  });

  it('tells the owner of a Service when it is held back, once until it is accepted', () => {
    const { follow, told } = followersForTest();
    const held = syncReport({
      families: [familyReport({ quarantined: ['shop/web'] })],
      diagnostics: [diagnostic({ code: 'service-quarantined', problem: 'refused' })],
    });
    const standing = standingOf(snapshotOf({}));
    for (const report of [held, held, fine, held]) follow(report, standing);
    expect(told.filter((line) => line.startsWith('held'))).toEqual([
      'held shop/web: refused',
      'held shop/web: refused',
    ]);
  });

  it('tells the owners of Services about conflicts', () => {
    const { follow, told } = followersForTest();
    const lost = {
      ...diagnostic({ code: 'frontend-conflict' }),
      object: { kind: 'Service', namespace: 'shop', name: 'web' },
    };
    follow({ ...fine, diagnostics: [lost] }, standingOf(snapshotOf({})));
    expect(told).toContain('FrontendConflict web');
  });
});
