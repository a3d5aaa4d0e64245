import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault, FaultRule } from '../../scripts/lab/api-server/faults.ts';
import { type ApiServer, startApiServer } from '../../scripts/lab/api-server/server.ts';
import type { RawObject, StoreState } from '../../scripts/lab/api-server/store.ts';
import { readEndpointSlice, readNode, readService, readServiceCidr } from '../../src/core/manifest/manifest.ts';
import type { Manifest } from '../../src/core/model/objects.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../../src/core/snapshot/snapshot.ts';
import {
  connect,
  createHastyClock,
  follow,
  type Recorder,
  rawNode,
  rawService,
  rawServiceCidr,
  rawSlice,
} from './harness.ts';

type Step =
  | { readonly do: 'set'; readonly object: RawObject }
  | { readonly do: 'delete'; readonly kind: string; readonly key: string }
  | { readonly do: 'fault'; readonly rule: FaultRule }
  | { readonly do: 'cut' | 'restart' | 'compact' | 'bookmark' | 'save' | 'restore' }
  | { readonly do: 'rest'; readonly ms: number };

const names = fc.constantFrom('a', 'b', 'c', 'd');
const kinds = fc.constantFrom('Service', 'EndpointSlice', 'Node', 'ServiceCIDR');
const octet = fc.integer({ min: 1, max: 250 });
const labels = fc.constantFrom<Record<string, string>>(
  {},
  {},
  { 'service.kubernetes.io/headless': '' },
  { 'service.kubernetes.io/service-proxy-name': 'mesh' },
);

const objects: fc.Arbitrary<RawObject> = fc.oneof(
  fc.tuple(names, octet, labels).map(([name, last, label]) => rawService(name, `10.96.0.${last}`, label)),
  fc.tuple(names, octet).map(([name, last]) => rawService(name, last % 2 === 0 ? 'None' : `10.96.0.${last}`)),
  fc.tuple(names, fc.array(octet)).map(([name, last]) =>
    rawSlice(
      name,
      last.map((each) => `10.244.0.${each}`),
    ),
  ),
  octet.map((last) => rawNode(last % 2 === 0 ? 'node-a' : 'node-b', `192.168.0.${last}`)),
  fc.tuple(names, octet).map(([name, second]) => rawServiceCidr(name, `10.${second}.0.0/16`)),
);

const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom(410, 429, 500, 503, 401).map((code) => ({ does: 'status', code }) as const),
  fc.constant({ does: 'hang' } as const),
  fc.integer({ min: 5, max: 100 }).map((pieceBytes) => ({ does: 'trickle', pieceBytes, everyMs: 0 }) as const),
  fc.nat(3).map((afterLines) => ({ does: 'cut', afterLines }) as const),
  fc.nat(3).map((afterLines) => ({ does: 'end', afterLines }) as const),
  fc.nat(3).map((afterLines) => ({ does: 'go-silent', afterLines }) as const),
  fc.nat(3).map((afterLines) => ({ does: 'say', text: '{"type":"AD', afterLines }) as const),
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: objects.map((object) => ({ do: 'set', object }) as const) },
  {
    weight: 2,
    arbitrary: fc.tuple(kinds, names).map(([kind, name]) => ({ do: 'delete', kind, key: keyFor(kind, name) }) as const),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(faults, kinds).map(([fault, kind]) => ({ do: 'fault', rule: { fault, kind } }) as const),
  },
  { weight: 4, arbitrary: fc.nat(12).map((ms) => ({ do: 'rest', ms }) as const) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('cut', 'restart', 'compact', 'bookmark', 'save', 'restore')
      .map((step) => ({ do: step }) as const),
  },
);

function keyFor(kind: string, name: string): string {
  if (kind === 'Node') return 'node-a';
  if (kind === 'ServiceCIDR') return name;
  return kind === 'Service' ? `shop/${name}` : `shop/${name}-a`;
}

/** What the server has, read without any of the code that follows it. */
function snapshotOf(server: ApiServer): Snapshot {
  const of = (kind: string) =>
    server
      .list(kind)
      .map(([, { object }]) => object)
      .filter(({ metadata }) => !Object.hasOwn(metadata.labels ?? {}, 'service.kubernetes.io/service-proxy-name'));
  const manifests: (Manifest | undefined)[] = [
    ...of('Service').map((json) => asManifest('Service', readService(json).object)),
    ...of('EndpointSlice').map((json) => asManifest('EndpointSlice', readEndpointSlice(json).object)),
    ...of('Node').map((json) => asManifest('Node', readNode(json).object)),
    ...of('ServiceCIDR').map((json) => asManifest('ServiceCIDR', readServiceCidr(json).object)),
  ];
  const found = manifests.filter((manifest) => manifest !== undefined);
  const wanted = found.filter(({ kind, object }) => kind !== 'Node' || object.name === 'node-a');
  return reduce(
    emptySnapshot,
    wanted.map((manifest) => ({ type: 'set', manifest })),
  );
}

function asManifest<K extends Manifest['kind']>(kind: K, object: unknown): Manifest | undefined {
  return object === undefined ? undefined : ({ kind, object } as Manifest);
}

async function take(server: ApiServer, step: Step, saved: { state: StoreState }, recorder: Recorder): Promise<void> {
  switch (step.do) {
    case 'set':
      server.set(step.object);
      return;
    case 'delete':
      server.delete(step.kind, step.key);
      return;
    case 'fault':
      server.fault(step.rule);
      return;
    case 'cut':
      server.cut();
      return;
    case 'restart':
      await server.goDown();
      await wait(3);
      return server.comeBack();
    case 'compact':
      server.compact();
      return;
    case 'bookmark':
      server.sendBookmarks();
      return;
    case 'save':
      saved.state = server.save();
      return;
    case 'restore':
      await server.goDown();
      await recorder.until(() => server.openWatches() === 0);
      server.restore(saved.state);
      server.clearFaults();
      await server.comeBack();
      // Once old data has overtaken what was seen of the newer, nobody can tell: all must have come back before.
      await recorder.until(() => server.openWatches() === 4);
      return;
    case 'rest':
      return wait(step.ms);
    default:
      step satisfies never;
  }
}

function settle(server: ApiServer, recorder: Recorder): Promise<void> {
  server.clearFaults();
  return recorder.until(() => isDeepStrictEqual(recorder.snapshot(), snapshotOf(server)));
}

const timing = { answerMs: 150, quietMs: 150, quietAfterBookmarkMs: 200, shortWatchMs: 5 };

describe('following an API server', () => {
  it.each(['streamed', 'refused'] as const)(
    'comes to what it has, whatever changes and fails on the way (initial events %s)',
    async (initialEvents) => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (script) => {
          const server = await startApiServer({ initialEvents });
          const saved = { state: server.save() };
          const recorder = follow(connect(server, { clock: createHastyClock(), timing }));
          try {
            for (const step of script) await take(server, step, saved, recorder);
            await settle(server, recorder);
            await recorder.until(() => recorder.synced.length === 4);
            expect(new Set(recorder.synced).size).toBe(4);
          } finally {
            await recorder.stop();
            await server.goDown();
          }
        }),
        { seed: 20_261_126, numRuns: 40 },
      );
    },
  );
});
