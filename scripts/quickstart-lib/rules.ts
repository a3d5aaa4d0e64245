/** Rules of the example, made by the program under test as a user would: through its command line. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { CommandFailed, run } from './exec.ts';
import type { Options } from './options.ts';
import type { Network } from './traffic.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(root, 'src/cli/rulewright.ts');
const exampleFolder = join(root, 'examples/shop');
const laterFolder = join(root, 'examples/shop-later');

export const trafficFile = join(root, 'examples/shop-traffic.yaml');

export type Family = 'IPv4' | 'IPv6';

/** By IP family: the complete input of a restore program. */
export interface CompiledRules {
  readonly texts: Readonly<Record<Family, string>>;
  /** Both families, each with a process of its own. */
  readonly elapsedMs: number;
}

/** The example's files; with `replaced`, this one comes from the folder of later files. */
export function exampleFiles(replaced?: string): string[] {
  return readdirSync(exampleFolder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(file === replaced ? laterFolder : exampleFolder, file));
}

export async function compileRules(
  files: readonly string[],
  network: Network,
  options: Options,
): Promise<CompiledRules> {
  const startedMs = performance.now();
  const common = [
    ...files.flatMap((file) => ['-f', file]),
    ...['--mode', options.mode, '--layout', options.layout],
    ...['--hostname-override', network.node.name, '--cluster-cidr', network.clusterCidrs.join(',')],
    ...['--strict', '-o', 'rules'],
  ];
  const compileFamily = (family: string): Promise<string> =>
    run(process.execPath, [cli, 'compile', ...common, '--ip-family', family]).catch((error: unknown) => {
      throw error instanceof CommandFailed ? new Error(`rulewright compile failed:\n${error.stderr}`) : error;
    });
  const [IPv4, IPv6] = await Promise.all([compileFamily('ipv4'), compileFamily('ipv6')]);
  return { texts: { IPv4, IPv6 }, elapsedMs: performance.now() - startedMs };
}
