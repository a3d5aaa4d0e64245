/** A sink that remembers, a clock that does not make tests wait, and objects as the API server has them. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../scripts/lab/api-server/server.ts';
import type { RawObject } from '../../scripts/lab/api-server/store.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Diagnostic } from '../../src/core/diagnostics.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../../src/core/snapshot/snapshot.ts';
import type { ObjectKind, ObservedChange, SourceProgress, SourceSink } from '../../src/core/snapshot/source.ts';
import { keysIn } from '../../src/core/structures/shards.ts';
import { type Cluster, type ConnectOptions, connectToCluster } from '../../src/kubernetes/cluster.ts';
import { createClusterSource } from '../../src/kubernetes/cluster-source.ts';

export interface Recorder {
  readonly sink: SourceSink;
  readonly changes: ObservedChange[];
  readonly batches: number[];
  readonly said: SourceProgress[];
  readonly synced: ObjectKind[];
  readonly diagnostics: Map<string, readonly Diagnostic[]>;
  /** What the changes come to. */
  readonly snapshot: () => Snapshot;
  /** Resolves once the condition holds; after ten seconds it fails, with what was said. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

export function createRecorder(): Recorder {
  const changes: ObservedChange[] = [];
  const batches: number[] = [];
  const said: SourceProgress[] = [];
  const synced: ObjectKind[] = [];
  const diagnostics = new Map<string, readonly Diagnostic[]>();
  let snapshot = emptySnapshot;
  return {
    changes,
    batches,
    said,
    synced,
    diagnostics,
    snapshot: () => snapshot,
    sink: {
      changed: (changed) => {
        changes.push(...changed);
        batches.push(changed.length);
        snapshot = reduce(
          snapshot,
          changed.map(({ event }) => event),
        );
      },
      diagnosed: (kind, key, found) => {
        if (found.length === 0) diagnostics.delete(`${kind} ${key}`);
        else diagnostics.set(`${kind} ${key}`, found);
      },
      synced: (kind) => synced.push(kind),
      progress: (progress) => said.push(progress),
    },
    until: async (condition) => {
      for (let tries = 0; !condition(); tries += 1) {
        if (tries === 2000) throw new Error(`in vain; it said:\n${said.map(({ message }) => message).join('\n')}`);
        await wait(5);
      }
    },
  };
}

/** A clock whose waits last a hundredth, and are written down. */
export function createHastyClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    ...systemClock,
    random: () => 0.5,
    after: (ms, callback) => {
      waits.push(ms);
      return systemClock.after(ms / 100, callback);
    },
    waits,
  };
}

export interface TestCluster {
  readonly serve: (options?: ApiServerOptions) => Promise<ApiServer>;
  /** Follows the server until the test is over. */
  readonly watch: (server: ApiServer, options?: Partial<ConnectOptions>) => Recorder;
}

/** Servers and their followers, which end with each test. */
export function useApiServers(): TestCluster {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    serve: async (options) => {
      const server = await startApiServer(options);
      ends.push(server.goDown);
      return server;
    },
    watch: (server, options) => {
      const { stop, ...recorder } = follow(connect(server, { clock: createHastyClock(), ...options }));
      ends.push(stop);
      return recorder;
    },
  };
}

/** A connection without credentials and without limits. */
export function connect(server: ApiServer, options: Partial<ConnectOptions> = {}): Cluster {
  return connectToCluster({ kubeconfig: '', master: server.url, qps: 0, burst: 0, ...options });
}

/** Follows the test server until the test is over. */
export function follow(cluster: Cluster): Recorder & { readonly stop: () => Promise<void> } {
  const recorder = createRecorder();
  return { ...recorder, stop: createClusterSource(cluster, 'node-a').start(recorder.sink).stop };
}

export const isSynced = (recorder: Recorder) => () => recorder.synced.length === 4;
export const services = (recorder: Recorder) => keysIn(recorder.snapshot().services);
export const messages = (recorder: Recorder) => recorder.said.map(({ message }) => message);
/** How often all objects of a kind were asked for. */
export const askedForAll = (server: ApiServer, kind: string) =>
  server.requests.filter((request) => request.kind === kind && !request.query.has('resourceVersion')).length;
/** How often a watch went on from a version. */
export const wentOn = (server: ApiServer, kind: string) =>
  server.requests.filter((request) => request.kind === kind && request.query.has('resourceVersion')).length;

export function rawService(name: string, clusterIp: string, labels: Record<string, string> = {}): RawObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', labels },
    spec: { type: 'ClusterIP', clusterIP: clusterIp, clusterIPs: [clusterIp], ports: [{ port: 80, protocol: 'TCP' }] },
  };
}

export function rawSlice(
  service: string,
  addresses: readonly string[],
  annotations: Record<string, string> = {},
): RawObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-a`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': service },
      annotations,
      managedFields: [{ manager: 'kube-controller-manager', fieldsV1: { 'f:endpoints': {} } }],
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

export function rawNode(name: string, address: string): RawObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}

export function rawServiceCidr(name: string, cidr: string): RawObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs: [cidr] } };
}
