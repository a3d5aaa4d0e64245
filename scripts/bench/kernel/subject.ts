/** The rules to measure: the whole ruleset, and a series of small changes. */

import { createCompiler } from '../../../src/core/compiler.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import { printRules } from '../../../src/core/rules.ts';
import { benchConfig, changedService, changeObjects, makeObjects, put } from '../inputs.ts';
import { modeOf, type Scenario } from '../scenarios.ts';
import { timed } from '../timing.ts';
import { printChains, printChange } from './chain-per-service.ts';

export interface Subject {
  /** Complete input for the tool that loads it. */
  readonly text: string;
  /** The change of this number, each made once, in order. */
  readonly change: (round: number) => Change;
  /** The cluster IPs that come first and last in the rules. */
  readonly ends: readonly [string, string];
}

/** The transaction, and the time to compute it. */
export interface Change {
  readonly text: string;
  readonly compileMs: number;
  readonly diffMs: number;
}

export function makeSubject({ backend, shape, services }: Scenario): Subject {
  const mode = modeOf(backend);
  if (mode === 'nftables' && shape === 'kube-proxy') return chainPerService(services);
  return compiled(services, benchConfig(mode, shape === 'kube-proxy' ? 'kube-proxy' : 'fast'));
}

function compiled(services: number, config: NodeConfig): Subject {
  let snapshot = put(makeObjects(services));
  const compiler = createCompiler(config, 'IPv4');
  const first = compiler.compile(snapshot);
  let last = first.rules;
  return {
    text: printRules(first.rules),
    ends: endsOf(first.plan),
    change: (round) => {
      const objects = changeObjects(round);
      const [wanted, compileMs] = timed(() => {
        snapshot = put(objects, snapshot);
        return compiler.compile(snapshot).rules;
      });
      const [{ text, applied }, diffMs] = timed(() => compiler.diff(last, wanted));
      last = applied;
      return { text, compileMs, diffMs };
    },
  };
}

/** The baseline is text made from the same plan; the time to make it is not measured. */
function chainPerService(services: number): Subject {
  const { plan } = createCompiler(benchConfig('nftables'), 'IPv4').compile(put(makeObjects(services)));
  const servicePorts = plan.servicePorts.flat();
  return {
    text: printChains(servicePorts),
    ends: endsOf(plan),
    change: (round) => ({
      text: printChange(servicePorts[changedService(round)], round % 2 === 0 ? 'remove' : 'add'),
      compileMs: 0,
      diffMs: 0,
    }),
  };
}

function endsOf({ servicePorts }: Plan): readonly [string, string] {
  const ports = servicePorts.flat();
  const [first, last] = [ports[0], ports.at(-1)].map((each) => each?.frontends.clusterIp);
  if (first === undefined || last === undefined) throw new Error('a Service without a cluster IP');
  return [first, last];
}
