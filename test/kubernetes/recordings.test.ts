import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ObjectKind } from '../../src/core/snapshot/source.ts';
import { findIn } from '../../src/core/structures/shards.ts';
import { connectToCluster } from '../../src/kubernetes/cluster.ts';
import { reflect } from '../../src/kubernetes/reflect/reflector.ts';
import { resourcesOf } from '../../src/kubernetes/reflect/resources.ts';
import { createHastyClock, createRecorder, services } from './harness.ts';

// Excerpts of what kube-apiserver 1.36.2 sent: fewer objects, each as it was.
const recording = (name: string) => readFileSync(new URL(`recordings/${name}`, import.meta.url), 'utf8');

interface Answer {
  readonly code?: number;
  readonly body: string;
}

/** Follows one kind on a server that gives these answers in turn, and then none; gives what was asked, too. */
async function replay(kind: ObjectKind, answers: readonly Answer[]) {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://server').searchParams);
    const answer = answers[asked.length - 1];
    if (answer !== undefined) response.writeHead(answer.code ?? 200).end(answer.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const master = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cluster = connectToCluster({ kubeconfig: '', master, qps: 0, burst: 0, clock: createHastyClock() });
  const recorder = createRecorder();
  const ending = new AbortController();
  const [resource] = resourcesOf('node-0').filter((each) => each.kind === kind);
  if (resource === undefined) throw new Error(`nobody follows ${kind}`);
  const reflecting = reflect(resource, cluster, recorder.sink, ending.signal);
  await recorder.until(() => asked.length > answers.length);
  ending.abort();
  await reflecting;
  server.close();
  return { ...recorder, asked };
}

describe('recordings of a real API server', () => {
  it('a list in pages, edits and a deletion, bookmarks, a version that is gone', async () => {
    const emptyPage = '{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"866"},"items":[]}';
    const { asked, snapshot, ...recorder } = await replay('Service', [
      { code: 422, body: '' },
      { body: recording('list-services-page1.json') },
      { body: recording('list-services-page2.json') },
      { body: emptyPage },
      { body: recording('watch-services.jsonl') },
      { body: recording('watch-410.jsonl') },
    ]);
    expect(asked.slice(1, 4).map((query) => query.get('continue'))).toEqual([
      null,
      'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6ODY2LCJzdGFydCI6Ii96b28vZXh0ZXJuYWwtbmFtZVx1MDAwMCJ9',
      'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6ODY2LCJzdGFydCI6Ii96b28vbm90LXJlYWR5XHUwMDAwIn0',
    ]);
    expect(asked.slice(4).map((query) => query.get('resourceVersion'))).toEqual(['866', '1146', null]);
    expect(asked[0]?.get('labelSelector')).toBe('!service.kubernetes.io/service-proxy-name');
    expect(asked[0]?.get('fieldSelector')).toBe('spec.clusterIP!=None');
    expect(services({ ...recorder, snapshot })).toEqual([
      'default/adservice',
      'default/kubernetes',
      'zoo/cluster-ip',
      'zoo/node-port',
    ]);
    expect(findIn(snapshot().services, 'zoo/cluster-ip')?.affinityTimeoutSeconds).toBe(10_800);
    expect(findIn(snapshot().services, 'zoo/node-port')?.ports[0]?.nodePort).toBe(30_081);
    const deleted = recorder.changes.flatMap(({ event }) => (event.type === 'delete' ? [event.key] : []));
    expect(deleted).toEqual(['zoo/host-network']);
    expect(recorder.diagnostics.size).toBe(0);
  });

  it('what came before a line that makes no sense', async () => {
    const [event = ''] = recording('watch-services.jsonl').split('\n');
    const { changes } = await replay('Service', [
      { code: 422, body: '' },
      { body: '{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"866"},"items":[]}' },
      { body: `${event}\nnonsense\n` },
    ]);
    expect(changes).toHaveLength(1);
  });

  it('initial events as a stream, and their end', async () => {
    const { asked, snapshot, synced } = await replay('EndpointSlice', [
      { body: recording('watchlist-endpointslices.jsonl') },
    ]);
    expect(asked[0]?.get('sendInitialEvents')).toBe('true');
    expect(asked[0]?.get('resourceVersionMatch')).toBe('NotOlderThan');
    expect(asked[1]?.get('resourceVersion')).toBe('1131');
    expect(synced).toEqual(['EndpointSlice']);
    const { slices } = snapshot();
    expect(findIn(slices, 'default/adservice')?.get('default/adservice-2tjf6')?.endpoints).toHaveLength(1);
    expect(findIn(slices, 'zoo/dual-stack')?.get('zoo/dual-stack-v6')?.family).toBe('IPv6');
  });
});
