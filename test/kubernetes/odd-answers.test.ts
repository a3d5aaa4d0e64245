/** Answers over real HTTP that no API server gives, but something between may. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectToCluster } from '../../src/kubernetes/cluster.ts';
import { createClusterSource } from '../../src/kubernetes/cluster-source.ts';
import { fetchObjects } from '../../src/kubernetes/fetch-objects.ts';
import type { Timing } from '../../src/kubernetes/timing.ts';
import { until } from '../support/until.ts';

async function clusterOf(answer: RequestListener, timing: Partial<Timing> = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const master = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return connectToCluster({ kubeconfig: '', master, qps: 0, burst: 0, timing });
}

const noSignal = new AbortController().signal;

describe('an answer 200 that is no list', () => {
  it.each([
    [
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"backend is down","code":503}',
      /backend is down/,
    ],
    ['{}', /is not a list of nodes: it has no kind/],
    ['null', /is not a list of nodes: it has no kind/],
    ['[]', /is not a list of nodes: it has no kind/],
    ['{"kind":"Node","metadata":{"resourceVersion":"5"},"items":[]}', /its kind is Node/],
    ['{"kind":"constructor","metadata":{"resourceVersion":"5"},"items":[]}', /its kind is constructor/],
    ['{"kind":"NodeList","metadata":{"resourceVersion":"5"}}', /it has no items/],
    ['{"kind":"NodeList","metadata":{"resourceVersion":"5"},"items":{}}', /it has no items/],
    ['{"kind":"NodeList","items":[]}', /it has no metadata.resourceVersion/],
    ['{"kind":"NodeList","metadata":{"resourceVersion":"5","continue":"x"},"items":[]}', /the same page again/],
    ['<html>', /the answer is not JSON/],
  ])('is no empty cluster: %s', async (body, problem) => {
    const cluster = await clusterOf((_, response) => response.end(body));
    await expect(fetchObjects(cluster, noSignal)).rejects.toThrow(problem);
  });

  it('is none on a later page either', async () => {
    const page = '{"kind":"NodeList","metadata":{"resourceVersion":"5","continue":"x"},"items":[]}';
    const cluster = await clusterOf(({ url = '' }, response) => response.end(url.includes('continue') ? '{}' : page));
    await expect(fetchObjects(cluster, noSignal)).rejects.toThrow(/it has no kind/);
  });

  it('is given up when it drips without end', async () => {
    const cluster = await clusterOf(
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
      { quietMs: 5000, wholeMs: 300 },
    );
    await expect(fetchObjects(cluster, noSignal)).rejects.toThrow('the answer is not complete after 0.3 s');
  });
});

const bookmark = (more = ''): string =>
  `{"type":"BOOKMARK","object":{"kind":"Node","metadata":{"resourceVersion":"5"${more}}}}\n`;
const initialEnd = bookmark(',"annotations":{"k8s.io/initial-events-end":"true"}');

describe('a watch that something keeps alive', () => {
  it.each([
    ['empty lines', '\n', { quietAfterBookmarkMs: 200 }, 'nothing came for 0.2 s'],
    ['spaces', '  ', { quietAfterBookmarkMs: 200 }, 'nothing came for 0.2 s'],
    ['bookmarks', bookmark(), { watchSeconds: { min: 0, max: 0 }, lateMs: 300 }, 'the watch has not ended after 0.3 s'],
    [
      'events of a type that every object of JavaScript has',
      '{"type":"constructor","object":{"metadata":{"resourceVersion":"6"}}}\n',
      {},
      'a line of the watch makes no sense',
    ],
    [
      'events of the type __proto__',
      '{"type":"__proto__","object":{"metadata":{"resourceVersion":"6"}}}\n',
      {},
      'a line of the watch makes no sense',
    ],
  ])('by %s is given up, and begun anew', async (_, text, timing, problem) => {
    let begun = 0;
    const cluster = await clusterOf(({ url = '' }, response) => {
      if (url.includes('sendInitialEvents')) response.write(initialEnd);
      if (!url.startsWith('/api/v1/services')) return;
      begun += 1;
      const timer = setInterval(() => response.write(text), 20);
      response.on('close', () => clearInterval(timer));
    }, timing);
    const said: string[] = [];
    const running = createClusterSource(cluster, 'node-1').start({
      changed: () => undefined,
      diagnosed: () => undefined,
      synced: () => undefined,
      progress: ({ message }) => said.push(message),
    });
    onTestFinished(() => running.stop());
    await until(() => expect(begun).toBeGreaterThan(1));
    expect(said).toContainEqual(expect.stringContaining(`services: ${problem}`));
  });
});
