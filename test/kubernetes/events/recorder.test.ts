import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../scripts/lab/api-server/server.ts';
import type { ClusterEvent } from '../../../src/kubernetes/events/event.ts';
import { createEventRecorder, type EventRecorder } from '../../../src/kubernetes/events/recorder.ts';
import { connect, createHastyClock, createRecorder, useApiServers } from '../harness.ts';

const { serve } = useApiServers();
const { until } = createRecorder();
const recorders: EventRecorder[] = [];

afterEach(async () => {
  for (const { stop } of recorders.splice(0)) await stop();
});

function recordTo(server: ApiServer) {
  const warnings: string[] = [];
  const clock = createHastyClock();
  const recorder = createEventRecorder(connect(server, { clock }), {
    instance: 'node-a',
    warn: (message) => warnings.push(message),
  });
  recorders.push(recorder);
  return { ...recorder, clock, warnings };
}

const starting: ClusterEvent = {
  regarding: { kind: 'Node', name: 'node-a' },
  type: 'Normal',
  reason: 'Starting',
  action: 'StartKubeProxy',
  note: '',
};

function failedHealthCheck(name: string, note = 'port 31000 is in use'): ClusterEvent {
  const regarding = { kind: 'Service', namespace: 'shop', name } as const;
  return { regarding, type: 'Warning', reason: 'FailedToStartServiceHealthcheck', action: 'Listen', note };
}

const posts = (server: ApiServer, verb: 'create' | 'patch') =>
  server.requests.filter((request) => request.verb === verb);

describe('events', () => {
  it('about a node are posted to the default namespace, as kube-proxy does', async () => {
    const server = await serve();
    const { record } = recordTo(server);
    record(starting);
    await until(() => server.events.size === 1);
    const [[key, event] = ['', {}]] = server.events;
    expect(key).toMatch(/^default\/node-a\.[0-9a-f]{16}$/);
    expect(event).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      reportingController: 'rulewright',
      reportingInstance: 'node-a',
      regarding: { kind: 'Node', name: 'node-a', uid: 'node-a' },
      type: 'Normal',
      reason: 'Starting',
      action: 'StartKubeProxy',
    });
  });

  it('about a Service are posted to its namespace, with harmless text', async () => {
    const server = await serve();
    const { record } = recordTo(server);
    record(failedHealthCheck('web', `\u001b[31mred\n${'x'.repeat(2000)}`));
    await until(() => server.events.size === 1);
    const [[key, event] = ['', {}]] = server.events;
    expect(key).toMatch(/^shop\/web\./);
    expect(event['note']).toMatch(/^\?\[31mred x{900,}\.\.\.$/);
  });

  it('that happen again become a series, told with growing distance', async () => {
    const server = await serve();
    const { record } = recordTo(server);
    const count = () => JSON.stringify([...server.events.values()].map((event) => event['series']));
    record(failedHealthCheck('web'));
    await until(() => server.events.size === 1);
    record(failedHealthCheck('web'));
    await until(() => count().includes('"count":2'));
    record(failedHealthCheck('web'));
    // Nothing happens now; if anything did, it would need a moment.
    await wait(50);
    record(failedHealthCheck('web'));
    await until(() => count().includes('"count":4'));
    expect(server.events.size).toBe(1);
    expect(posts(server, 'create')).toHaveLength(1);
    expect(posts(server, 'patch')).toHaveLength(2);
  });

  it('that come in a flood are limited in number and speed', async () => {
    const server = await serve();
    const { record, clock } = recordTo(server);
    for (let index = 0; index < 1000; index += 1) record(failedHealthCheck(`s-${index}`));
    await until(() => clock.waits.length > 0);
    expect(server.events.size).toBeLessThanOrEqual(25);
    expect(clock.waits[0]).toBeGreaterThan(5000);
  });

  it('are tried three times, and never throw', async () => {
    const server = await serve();
    const { record, warnings } = recordTo(server);
    server.fault({ fault: { does: 'status', code: 503 }, verb: 'create', times: 2 });
    record(starting);
    await until(() => server.events.size === 1);
    expect(warnings).toEqual([]);
    server.fault({ fault: { does: 'status', code: 503 }, verb: 'create', times: 3 });
    record(failedHealthCheck('web'));
    await until(() => warnings.length === 1);
    expect(server.events.size).toBe(1);
  });

  it('that every node posts are one Event, whoever comes first', async () => {
    const server = await serve();
    const nodes = Array.from({ length: 5 }, () => recordTo(server));
    const lost = { ...failedHealthCheck('web'), reason: 'FrontendConflict', sharedBy: 'shop/rival' };
    for (const { record } of nodes) record(lost);
    await until(() => posts(server, 'create').length === 5);
    for (const { record } of nodes) record({ ...lost, sharedBy: 'shop/another' });
    await until(() => posts(server, 'create').length === 10);
    expect([...server.events.keys()]).toEqual([
      expect.stringMatching(/^shop\/web\.[a-z2-7]{16}$/),
      expect.stringMatching(/^shop\/web\.[a-z2-7]{16}$/),
    ]);
    expect(nodes.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it('that are forbidden are given up, which is said once', async () => {
    const server = await serve();
    const { record, warnings } = recordTo(server);
    server.fault({ fault: { does: 'status', code: 403, message: 'no' }, verb: 'create', times: 2 });
    for (const name of ['a', 'b', 'c']) record(failedHealthCheck(name));
    await until(() => server.events.size === 1);
    expect(warnings).toEqual([
      'an Event could not be posted: the API server answers 403: no; grant the verb create on events.events.k8s.io ' +
        'to this user (RBAC: ClusterRole and ClusterRoleBinding)',
    ]);
  });

  it('whose record is gone from the server are posted anew', async () => {
    const server = await serve();
    const { record } = recordTo(server);
    record(starting);
    await until(() => server.events.size === 1);
    server.fault({ fault: { does: 'status', code: 404 }, verb: 'patch' });
    record(starting);
    await until(() => server.events.size === 2);
    expect([...server.events.values()][1]).toMatchObject({ series: { count: 2 } });
  });

  it('end with the recorder', async () => {
    const server = await serve();
    const { record, stop } = recordTo(server);
    server.fault({ fault: { does: 'hang' }, verb: 'create' });
    record(starting);
    await until(() => posts(server, 'create').length === 1);
    await stop();
    record(failedHealthCheck('web'));
    await until(() => server.openConnections() === 0);
    expect(posts(server, 'create')).toHaveLength(1);
  });
});
