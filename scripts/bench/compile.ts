/** One measurement in a process of its own, so that its memory is its own: prints a `CompileFigures` as JSON. */
import { compile } from '../../src/core/compile.ts';
import { printRuleset } from '../../src/core/iptables/print.ts';
import type { Ruleset } from '../../src/core/iptables/ruleset.ts';
import { readManifest } from '../../src/core/manifest/manifest.ts';
import { constantCidr } from '../../src/core/model/cidr.ts';
import type { IptablesLayout, NodeConfig } from '../../src/core/model/config.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../src/core/snapshot/snapshot.ts';
import { makeCluster, makeSlice } from './cluster.ts';

/** Milliseconds, except where the name says otherwise. */
export interface CompileFigures {
  readonly services: number;
  readonly endpoints: number;
  readonly layout: IptablesLayout;
  readonly readMs: number;
  readonly compileMs: number;
  readonly printMs: number;
  /** Medians over `changes` single-endpoint changes. */
  readonly changeMs: number;
  readonly changePrintMs: number;
  readonly changes: number;
  readonly rules: number;
  readonly bytes: number;
  readonly peakMemoryMb: number;
}

const changes = 21;

function measure(services: number, endpoints: number, layout: IptablesLayout): CompileFigures {
  const config = benchConfig(layout);
  const objects = makeCluster(services, endpoints);
  const [snapshot, readMs] = timed(() => reduce(emptySnapshot, eventsOf(objects)));
  const [ruleset, compileMs] = timed(() => rulesOf(snapshot, config));
  const [text, printMs] = timed(() => printRuleset(ruleset));
  const after = changeEndpoints(snapshot, config, endpoints);
  return {
    services,
    endpoints,
    layout,
    readMs,
    compileMs,
    printMs,
    ...after,
    changes,
    rules: ruleset.tables.flatMap(({ chains }) => chains).reduce((sum, { rules }) => sum + rules.length, 0),
    bytes: Buffer.byteLength(text),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  };
}

/** Takes an endpoint of one Service away and gives it back, in turn, at different Services. */
function changeEndpoints(start: Snapshot, config: NodeConfig, endpoints: number) {
  const compileMs: number[] = [];
  const printMs: number[] = [];
  let snapshot = start;
  for (let round = 0; round < changes; round += 1) {
    const events = eventsOf([makeSlice((round >> 1) * 37, endpoints, (round + 1) % 2)]);
    const [ruleset, ms] = timed(() => {
      snapshot = reduce(snapshot, events);
      return rulesOf(snapshot, config);
    });
    compileMs.push(ms);
    printMs.push(timed(() => printRuleset(ruleset))[1]);
  }
  return { changeMs: median(compileMs), changePrintMs: median(printMs) };
}

function eventsOf(objects: readonly unknown[]): readonly SnapshotEvent[] {
  const { manifests, diagnostics } = readManifest({ apiVersion: 'v1', kind: 'List', items: objects });
  if (diagnostics.length > 0) throw new Error(`the bench made bad objects: ${JSON.stringify(diagnostics[0])}`);
  return manifests.map((manifest) => ({ type: 'set', manifest }));
}

function rulesOf(snapshot: Snapshot, config: NodeConfig): Ruleset {
  const ruleset = compile(snapshot, config, ['IPv4']).rulesets.IPv4;
  if (ruleset === undefined) throw new Error('the compilation has no IPv4 ruleset');
  return ruleset;
}

function benchConfig(layout: IptablesLayout): NodeConfig {
  return {
    nodeName: 'node-0',
    fallbackNodeIps: [],
    masqueradeAll: false,
    masqueradeBit: 14,
    detectLocal: { mode: 'ClusterCIDR', cidrs: [constantCidr('10.128.0.0/9')] },
    nodePortAddresses: { kind: 'cidrs', cidrs: [] },
    localhostNodePorts: true,
    conntrackTcpBeLiberal: false,
    layout,
  };
}

function timed<T>(work: () => T): readonly [T, number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (import.meta.main) {
  const [services, endpoints, layout] = process.argv.slice(2);
  const figures = measure(Number(services), Number(endpoints), layout === 'kube-proxy' ? 'kube-proxy' : 'fast');
  console.log(JSON.stringify(figures));
}
