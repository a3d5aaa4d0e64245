/** One measurement in a separate process, to measure its memory alone: prints a `CompileFigures` as JSON. */

import { type Compiler, createCompiler } from '../../../src/core/compiler.ts';
import type { ProxyMode } from '../../../src/core/model/config.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { countRules, printRules } from '../../../src/core/rules.ts';
import { benchConfig, changeObjects, endpointsPerService, makeObjects, put } from '../inputs.ts';
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
  const compiler = createCompiler(benchConfig(mode), 'IPv4');
  const objects = makeObjects(services);
  const [snapshot, readMs] = timed(() => put(objects));
  const [{ rules }, compileMs] = timed(() => compiler.compile(snapshot));
  const [text, printMs] = timed(() => printRules(rules));
  return {
    mode,
    services,
    endpoints: endpointsPerService,
    readMs,
    compileMs,
    printMs,
    ...changeEndpoints(snapshot, compiler),
    changes,
    rules: countRules(rules),
    bytes: Buffer.byteLength(text),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  };
}

function changeEndpoints(start: Snapshot, compiler: Compiler) {
  const compileMs: number[] = [];
  const printMs: number[] = [];
  let snapshot = start;
  for (let round = 0; round < changes; round += 1) {
    const objects = changeObjects(round);
    const [rules, ms] = timed(() => {
      snapshot = put(objects, snapshot);
      return compiler.compile(snapshot).rules;
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
