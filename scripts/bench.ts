/**
 * `npm run bench`: the cost of compiling and of the rules in the kernel, by cluster size. Times hold for this machine;
 * ratios are easier to compare between machines.
 */
import type { CompileFigures } from './bench/compile/measure.ts';
import { compileTable } from './bench/compile/table.ts';
import type { DaemonFigures } from './bench/daemon/measure.ts';
import { daemonTable } from './bench/daemon/table.ts';
import { endpointsPerService } from './bench/inputs.ts';
import type { KernelFigures } from './bench/kernel/measure.ts';
import { kernelTable } from './bench/kernel/table.ts';
import { describeMachine, machineLine } from './bench/machine.ts';
import { type Options, type Part, readOptions, usage } from './bench/options.ts';
import type { RepairFigures } from './bench/repair/measure.ts';
import { repairTable } from './bench/repair/table.ts';
import { whyNoKernel } from './bench/requirements.ts';
import { allBackends, type Backend, modeOf, scenariosOf } from './bench/scenarios.ts';
import { largestVerified, type VerifyFigures, verifiedBackends } from './bench/verify/measure.ts';
import { verifyTable } from './bench/verify/table.ts';
import { runWorker, type WorkerOptions } from './bench/worker.ts';

async function main({ output, parts, modes, services }: Options): Promise<void> {
  const machine = describeMachine();
  const figuresOf = <T>(part: Part, work: readonly Work[]): Promise<readonly T[]> =>
    parts.includes(part) ? measure(part, work) : Promise.resolve([]);
  const compile = await figuresOf<CompileFigures>('compile', compileWork(modes, services));
  const verify = await figuresOf<VerifyFigures>('verify', verifyWork(modes, services));
  const kernel = await figuresOf<KernelFigures>('kernel', kernelWork(modes, services));
  const daemon = await figuresOf<DaemonFigures>('daemon', daemonWork(modes, services));
  const repair = await figuresOf<RepairFigures>('repair', repairWork(modes, services));
  if (output === 'json') {
    console.log(JSON.stringify({ machine, compile, verify, kernel, daemon, repair }, undefined, 2));
    return;
  }
  console.log(machineLine(machine));
  if (compile.length > 0) console.log(`\n${compileTable(compile)}`);
  if (verify.length > 0) console.log(`\n${verifyTable(verify)}`);
  if (kernel.length > 0) console.log(`\n${kernelTable(kernel)}`);
  if (daemon.length > 0) console.log(`\n${daemonTable(daemon)}`);
  if (repair.length > 0) console.log(`\n${repairTable(repair)}`);
}

/** One measurement, made by a separate process. */
interface Work extends WorkerOptions {
  /** The variant that is measured, without the number of Services. */
  readonly label: string;
  readonly services: number;
  /** The requirements on this machine. */
  readonly backends?: readonly Backend[];
}

/** A measurement that fails is reported and skipped; the rest continue. */
async function measure<T>(part: Part, work: readonly Work[]): Promise<readonly T[]> {
  const figures: T[] = [];
  const isolated = work.filter((each) => each.isolated);
  const reason = isolated.length === 0 ? undefined : whyNoKernel(isolated.flatMap(({ backends = [] }) => backends));
  if (reason !== undefined) {
    progress(`${part}: skipped, ${reason}`);
    return [];
  }
  for (const { label, services, ...worker } of work) {
    progress(`${part}, ${label}, ${services} × ${endpointsPerService}`);
    try {
      figures.push(await runWorker(worker));
    } catch (error) {
      fail(error);
    }
  }
  return figures;
}

type Sizes = readonly number[];

function compileWork(modes: Options['modes'], sizes: Sizes): readonly Work[] {
  return modes.flatMap((mode) =>
    sizes.map((services) => ({
      ...{ label: mode, services, script: 'compile/measure.ts', limitSeconds: 60 },
      args: [String(services), mode],
    })),
  );
}

function verifyWork(modes: Options['modes'], sizes: Sizes): readonly Work[] {
  const backends = verifiedBackends.filter(({ mode }) => modes.includes(mode));
  return backends.flatMap(({ mode, layout }) =>
    sizes
      .filter((services) => services <= largestVerified)
      .map((services) => ({
        ...{ label: `${mode}, ${layout}`, services, script: 'verify/measure.ts', limitSeconds: 180 },
        args: [String(services), mode, layout],
      })),
  );
}

function kernelWork(modes: Options['modes'], sizes: Sizes): readonly Work[] {
  return scenariosOf(sizes, modes).map((scenario) => ({
    ...{ label: `${scenario.backend}, ${scenario.shape}`, services: scenario.services, backends: [scenario.backend] },
    ...{ script: 'kernel/measure.ts', args: [JSON.stringify(scenario)], isolated: true, limitSeconds: 90 },
  }));
}

function daemonWork(modes: Options['modes'], sizes: Sizes): readonly Work[] {
  return (modes.includes('nftables') ? sizes : []).map((services) => ({
    ...{ label: 'nftables', services, backends: ['nftables'] },
    ...{ script: 'daemon/measure.ts', args: [String(services)], isolated: true, limitSeconds: 120 },
  }));
}

/** With more, iptables takes minutes to load. */
const largestRepaired = 10_000;

function repairWork(modes: Options['modes'], sizes: Sizes): readonly Work[] {
  const backends = allBackends.filter((backend) => modes.includes(modeOf(backend)));
  return backends.flatMap((backend) =>
    sizes
      .filter((services) => services <= largestRepaired)
      .map((services) => ({
        ...{ label: backend, services, backends: [backend] },
        ...{ script: 'repair/measure.ts', args: [backend, String(services)], isolated: true, limitSeconds: 120 },
      })),
  );
}

function fail(error: unknown): void {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

// nft and iptables may be in folders outside PATH.
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else await main(options);
} catch (error) {
  fail(error);
}
