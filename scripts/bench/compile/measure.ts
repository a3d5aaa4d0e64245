/** One measurement in a process of its own, so that its memory is its own: prints a `CompileFigures` as JSON. */
import type { NodeConfig, ProxyMode } from '../../../src/core/model/config.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { countRules, printRules } from '../../../src/core/rules.ts';
import { benchConfig, changeObjects, compileIpv4, endpointsPerService, makeObjects, put } from '../inputs.ts';
import { median, timed } from '../timing.ts';

/** Milliseconds, except where the name says otherwise. */
export interface CompileFigures {
  readonly mode: ProxyMode;
  readonly services: number;
  readonly endpoints: number;
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

function measure(services: number, mode: ProxyMode): CompileFigures {
  const config = benchConfig(mode);
  const objects = makeObjects(services);
  const [snapshot, readMs] = timed(() => put(objects));
  const [{ rules }, compileMs] = timed(() => compileIpv4(snapshot, config));
  const [text, printMs] = timed(() => printRules(rules));
  return {
    mode,
    services,
    endpoints: endpointsPerService,
    readMs,
    compileMs,
    printMs,
    ...changeEndpoints(snapshot, config),
    changes,
    rules: countRules(rules),
    bytes: Buffer.byteLength(text),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  };
}

function changeEndpoints(start: Snapshot, config: NodeConfig) {
  const compileMs: number[] = [];
  const printMs: number[] = [];
  let snapshot = start;
  for (let round = 0; round < changes; round += 1) {
    const objects = changeObjects(round);
    const [rules, ms] = timed(() => {
      snapshot = put(objects, snapshot);
      return compileIpv4(snapshot, config).rules;
    });
    compileMs.push(ms);
    printMs.push(timed(() => printRules(rules))[1]);
  }
  return { changeMs: median(compileMs), changePrintMs: median(printMs) };
}

if (import.meta.main) {
  const [services, mode] = process.argv.slice(2);
  console.log(JSON.stringify(measure(Number(services), mode === 'iptables' ? mode : 'nftables')));
}
