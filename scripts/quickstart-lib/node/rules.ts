/** Rules of the example, made by the program under test as a user would: through its command line. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { CommandFailed, run } from '../../lab/exec.ts';
import type { Network } from '../../lab/network/network.ts';
import { root } from '../../lab/program/install.ts';
import type { Options } from '../options.ts';

export const exampleFolder = join(root, 'examples/shop');
/** Files that take the place of their namesakes in the other one. */
export const laterFolder = join(root, 'examples/shop-later');
export const trafficFile = join(root, 'examples/shop-traffic.yaml');

export type Family = 'IPv4' | 'IPv6';

/** By IP family: the complete input of a restore program. */
export interface CompiledRules {
  readonly texts: Readonly<Record<Family, string>>;
  readonly files: number;
  /** Both families, each with a process of its own. */
  readonly elapsedMs: number;
}

export async function compileRules(program: string, network: Network, options: Options): Promise<CompiledRules> {
  const startedMs = performance.now();
  const compileFamily = (family: string): Promise<string> => {
    const flags = ['--mode', options.mode, ...nodeFlags(network, options), '--ip-family', family, '--strict'];
    return rulewright(program, ['compile', '-f', exampleFolder, ...flags, '-o', 'rules']);
  };
  const [IPv4, IPv6] = await Promise.all([compileFamily('ipv4'), compileFamily('ipv6')]);
  const files = readdirSync(exampleFolder).length;
  return { texts: { IPv4, IPv6 }, files, elapsedMs: performance.now() - startedMs };
}

/** What `compile` and `run` have in common. */
export function nodeFlags(network: Network, { mode, layout }: Options): string[] {
  return [
    ...(mode === 'iptables' ? ['--layout', layout] : []),
    ...['--hostname-override', network.node.name, '--cluster-cidr', network.clusterCidrs.join(',')],
  ];
}

async function rulewright(program: string, args: readonly string[]): Promise<string> {
  return await run(process.execPath, [program, ...args]).catch((error: unknown) => {
    throw error instanceof CommandFailed ? new Error(`rulewright ${args[0]} failed:\n${error.stderr}`) : error;
  });
}
