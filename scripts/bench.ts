/**
 * `npm run bench`: what a compile costs, and what its rules cost the kernel, by size of the cluster. Times are of this
 * machine now; ratios travel better.
 */
import type { CompileFigures } from './bench/compile.ts';
import { compileTable } from './bench/compile-table.ts';
import type { DaemonFigures } from './bench/daemon.ts';
import { daemonTable } from './bench/daemon-table.ts';
import { endpointsPerService } from './bench/inputs.ts';
import type { KernelFigures } from './bench/kernel.ts';
import { kernelTable } from './bench/kernel-table.ts';
import { describeMachine, machineLine } from './bench/machine.ts';
import { type Options, readOptions, usage } from './bench/options.ts';
import { whyNoKernel } from './bench/requirements.ts';
import { type Scenario, scenariosOf } from './bench/scenarios.ts';
import { largestVerified, type VerifyFigures, verifiedBackends } from './bench/verify.ts';
import { verifyTable } from './bench/verify-table.ts';
import { runWorker } from './bench/worker.ts';

async function main({ output, parts, modes, services }: Options): Promise<void> {
  const machine = describeMachine();
  const compile = parts.includes('compile') ? await measureCompile(modes, services) : [];
  const verify = parts.includes('verify') ? await measureVerify(modes, services) : [];
  const kernel = parts.includes('kernel') ? await measureKernel(scenariosOf(services, modes)) : [];
  const daemon = parts.includes('daemon') && modes.includes('nftables') ? await measureDaemon(services) : [];
  if (output === 'json') {
    console.log(JSON.stringify({ machine, compile, verify, kernel, daemon }, undefined, 2));
    return;
  }
  console.log(machineLine(machine));
  if (compile.length > 0) console.log(`\n${compileTable(compile)}`);
  if (verify.length > 0) console.log(`\n${verifyTable(verify)}`);
  if (kernel.length > 0) console.log(`\n${kernelTable(kernel)}`);
  if (daemon.length > 0) console.log(`\n${daemonTable(daemon)}`);
}

async function measureDaemon(sizes: readonly number[]): Promise<readonly DaemonFigures[]> {
  const reason = whyNoKernel([]);
  if (reason !== undefined) {
    progress(`daemon: left out, ${reason}`);
    return [];
  }
  const figures: DaemonFigures[] = [];
  for (const size of sizes) {
    progress(`daemon, nftables, ${size} × ${endpointsPerService}`);
    try {
      figures.push(await runWorker({ script: 'daemon.ts', args: [String(size)], isolated: true, limitSeconds: 120 }));
    } catch (error) {
      fail(error);
    }
  }
  return figures;
}

async function measureCompile(modes: Options['modes'], sizes: readonly number[]): Promise<readonly CompileFigures[]> {
  const figures: CompileFigures[] = [];
  for (const mode of modes) {
    for (const size of sizes) {
      progress(`compile, ${mode}, ${size} × ${endpointsPerService}`);
      figures.push(await runWorker({ script: 'compile.ts', args: [String(size), mode], limitSeconds: 60 }));
    }
  }
  return figures;
}

async function measureVerify(modes: Options['modes'], sizes: readonly number[]): Promise<readonly VerifyFigures[]> {
  const figures: VerifyFigures[] = [];
  for (const backend of verifiedBackends.filter(({ mode }) => modes.includes(mode))) {
    for (const size of sizes.filter((each) => each <= largestVerified)) {
      progress(`verify, ${backend.mode}, ${backend.layout}, ${size} × ${endpointsPerService}`);
      const args = [String(size), backend.mode, backend.layout];
      figures.push(await runWorker({ script: 'verify.ts', args, limitSeconds: 180 }));
    }
  }
  return figures;
}

/** A scenario that fails is told and left out: the others are worth knowing nevertheless. */
async function measureKernel(scenarios: readonly Scenario[]): Promise<readonly KernelFigures[]> {
  const reason = whyNoKernel(scenarios);
  if (reason !== undefined) {
    progress(`kernel: left out, ${reason}`);
    return [];
  }
  const figures: KernelFigures[] = [];
  for (const scenario of scenarios) {
    progress(`kernel, ${scenario.backend}, ${scenario.shape}, ${scenario.services} × ${endpointsPerService}`);
    const args = [JSON.stringify(scenario)];
    try {
      figures.push(await runWorker({ script: 'kernel.ts', args, isolated: true, limitSeconds: 90 }));
    } catch (error) {
      fail(error);
    }
  }
  return figures;
}

function fail(error: unknown): void {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

// nft and iptables lie in folders that not every shell looks into.
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else await main(options);
} catch (error) {
  fail(error);
}
