/**
 * One scenario, in namespaces that end with this process: prints a `KernelFigures` as JSON. It is started by
 * worker.ts, never by hand: it would load rules into the machine it runs on.
 */
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../scenarios.ts';
import { median } from '../timing.ts';
import { run, setUpNetwork, tools } from '../tools.ts';
import { type Change, makeSubject, type Subject } from './subject.ts';

/** Undefined: not measured, or stopped. */
export interface KernelFigures {
  readonly scenario: Scenario;
  /** The loading tool alone. */
  readonly loadMs?: number | undefined;
  readonly change?: ChangeFigures | undefined;
  readonly connect?: ConnectFigures | undefined;
}

/** Medians over `changes`, so that the parts need not add up to the whole. */
export interface ChangeFigures {
  readonly ms: number;
  readonly compileMs: number;
  readonly diffMs: number;
  readonly applyMs: number;
  readonly changes: number;
  /** Of the last transaction. */
  readonly bytes: number;
}

/** Medians of what connect() takes, to the first and the last Service in the rules. */
export interface ConnectFigures {
  readonly firstUs: number;
  readonly lastUs: number;
  readonly connections: number;
}

/** An even number, so that every endpoint is back. */
const warmUps = 2;
const changes = 11;
const connections = 6_000;

function measure(scenario: Scenario): KernelFigures {
  const { backend, loadLimitSeconds: limitSeconds } = scenario;
  const subject = makeSubject(scenario);
  setUpNetwork();
  const loaded = run(tools[backend].load, { input: subject.text, limitSeconds });
  if (loaded === undefined || scenario.loadOnly) return { scenario, loadMs: loaded?.ms };
  // Connections first: rules that were just changed would be in the cache.
  const connect = measureConnects(subject);
  return { scenario, loadMs: loaded.ms, change: measureChanges(scenario, subject), connect };
}

function measureChanges({ backend }: Scenario, subject: Subject): ChangeFigures | undefined {
  const made: (Change & { readonly applyMs: number })[] = [];
  for (let round = 0; round < warmUps + changes; round += 1) {
    const change = subject.change(round);
    const applied = run(tools[backend].change, { input: change.text });
    if (applied === undefined) return undefined;
    if (round >= warmUps) made.push({ ...change, applyMs: applied.ms });
  }
  return {
    ms: median(made.map(({ compileMs, diffMs, applyMs }) => compileMs + diffMs + applyMs)),
    compileMs: median(made.map(({ compileMs }) => compileMs)),
    diffMs: median(made.map(({ diffMs }) => diffMs)),
    applyMs: median(made.map(({ applyMs }) => applyMs)),
    changes,
    bytes: Buffer.byteLength(made.at(-1)?.text ?? ''),
  };
}

function measureConnects({ ends }: Subject): ConnectFigures | undefined {
  const script = fileURLToPath(new URL('connect.py', import.meta.url));
  const answer = run(['python3', script, String(connections), ...ends]);
  if (answer === undefined) return undefined;
  const [firstUs, lastUs]: readonly number[] = JSON.parse(answer.output);
  if (firstUs === undefined || lastUs === undefined) throw new Error(`connect.py answered ${answer.output}`);
  return { firstUs, lastUs, connections };
}

if (import.meta.main) {
  const scenario: Scenario = JSON.parse(process.argv[2] ?? '');
  console.log(JSON.stringify(measure(scenario)));
}
