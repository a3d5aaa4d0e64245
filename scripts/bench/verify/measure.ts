/** One measurement in a separate process: prints a `VerifyFigures` as JSON. */

import { createCompiler } from '../../../src/core/compiler.ts';
import type { IptablesLayout, ProxyMode } from '../../../src/core/model/config.ts';
import type { ProofResult } from '../../../src/core/prove/proof-result.ts';
import { createProver } from '../../../src/core/prove/prover.ts';
import type { Subject } from '../../../src/core/prove/subject.ts';
import { benchConfig, changeObjects, endpointsPerService, makeObjects, put } from '../inputs.ts';
import { median, timed } from '../timing.ts';

/** Milliseconds, except where the name says otherwise. */
export interface VerifyFigures {
  readonly mode: ProxyMode;
  readonly layout: IptablesLayout;
  readonly services: number;
  readonly endpoints: number;
  readonly classes: number;
  readonly verifyMs: number;
  /** Of this process alone, whatever else the machine does. */
  readonly verifyCpuMs: number;
  /** Medians over `changes` single-endpoint changes. */
  readonly changeMs: number;
  readonly changeCpuMs: number;
  readonly changes: number;
  /** The longest step, without the very first, which goes through the whole ruleset. */
  readonly longestStepMs: number;
}

export const verifiedBackends: readonly { readonly mode: ProxyMode; readonly layout: IptablesLayout }[] = [
  { mode: 'iptables', layout: 'fast' },
  { mode: 'iptables', layout: 'kube-proxy' },
  { mode: 'nftables', layout: 'fast' },
];

/** Services; more only take longer. */
export const largestVerified = 10_000;

const changes = 11;

function measure(services: number, mode: ProxyMode, layout: IptablesLayout): VerifyFigures {
  const compiler = createCompiler(benchConfig(mode, layout), 'IPv4');
  const prover = createProver();
  let snapshot = put(makeObjects(services));
  const host = { addresses: [] };
  const subjectOf = (): Subject => {
    const { plan, rules } = compiler.compile(snapshot);
    return { plan, rules, host };
  };
  const prove = (): Proven => takeAll(prover.prove(subjectOf()));
  const first = prove();
  const later = Array.from({ length: changes }, (_, round) => {
    snapshot = put(changeObjects(round), snapshot);
    return prove();
  });
  for (const { verdict } of [first, ...later]) {
    if (verdict.outcome !== 'proven') throw new Error(`the bench's rules are not proven: ${verdict.outcome}`);
  }
  return {
    mode,
    layout,
    services,
    endpoints: endpointsPerService,
    classes: first.verdict.classes,
    verifyMs: first.ms,
    verifyCpuMs: first.cpuMs,
    changeMs: median(later.map(({ ms }) => ms)),
    changeCpuMs: median(later.map(({ cpuMs }) => cpuMs)),
    changes,
    longestStepMs: Math.max(...[first, ...later].map(({ longestMs }) => longestMs)),
  };
}

interface Proven {
  readonly verdict: ProofResult;
  readonly ms: number;
  readonly cpuMs: number;
  /** Of all steps but the first. */
  readonly longestMs: number;
}

function takeAll(proof: Generator<unknown, ProofResult>): Proven {
  const start = process.cpuUsage();
  let [ms, longestMs, isFirst] = [0, 0, true];
  for (;;) {
    const [step, stepMs] = timed(() => proof.next());
    ms += stepMs;
    if (!isFirst) longestMs = Math.max(longestMs, stepMs);
    isFirst = false;
    const { user, system } = process.cpuUsage(start);
    if (step.done === true) return { verdict: step.value, ms, cpuMs: (user + system) / 1_000, longestMs };
  }
}

if (import.meta.main) {
  const [services, mode, layout] = process.argv.slice(2);
  const figures = measure(
    Number(services),
    mode === 'iptables' ? mode : 'nftables',
    layout === 'kube-proxy' ? layout : 'fast',
  );
  console.log(JSON.stringify(figures));
}
