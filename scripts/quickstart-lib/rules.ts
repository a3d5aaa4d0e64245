/** Rules of the example, made by the program under test as a user would: through its command line. */
import { cpSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
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

/** The step from one set of rules to another. */
export interface RulesChange {
  /** Empty for a family in which nothing changes. */
  readonly texts: Readonly<Record<Family, string>>;
  /** How many chains, elements or the like were added, changed and removed; both families together. */
  readonly counts: ReadonlyMap<string, ChangeCounts>;
  readonly elapsedMs: number;
}

export type ChangeCounts = Readonly<Record<'added' | 'changed' | 'removed', number>>;

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
  const input = files.flatMap((file) => ['-f', file]);
  const common = [...input, ...nodeFlags(network, options), '-o', 'rules'];
  const compileFamily = (family: string): Promise<string> => rulewright('compile', [...common, '--ip-family', family]);
  const [IPv4, IPv6] = await Promise.all([compileFamily('ipv4'), compileFamily('ipv6')]);
  return { texts: { IPv4, IPv6 }, elapsedMs: performance.now() - startedMs };
}

/** What has to be sent when the example's later file takes the place of its namesake. `folder` is for a copy. */
export async function diffRules(
  replaced: string,
  folder: string,
  { network, options }: { readonly network: Network; readonly options: Options },
): Promise<RulesChange> {
  const later = join(folder, 'shop-later');
  for (const file of exampleFiles(replaced)) cpSync(file, join(later, basename(file)));
  const startedMs = performance.now();
  const args = [exampleFolder, later, ...nodeFlags(network, options), '--ip-family', 'both', '-o', 'json'];
  const { families }: DiffJson = JSON.parse(await rulewright('diff', args));
  const elapsedMs = performance.now() - startedMs;
  const counts = new Map<string, ChangeCounts>();
  for (const [kind, { added, changed, removed }] of Object.values(families).flatMap(({ summary }) =>
    Object.entries(summary),
  )) {
    const before = counts.get(kind) ?? { added: 0, changed: 0, removed: 0 };
    counts.set(kind, {
      added: before.added + added,
      changed: before.changed + changed,
      removed: before.removed + removed,
    });
  }
  return { texts: { IPv4: families.IPv4.text, IPv6: families.IPv6.text }, counts, elapsedMs };
}

/** The part of `rulewright diff -o json` that is used here. */
interface DiffJson {
  readonly families: Readonly<
    Record<Family, { readonly text: string; readonly summary: Readonly<Record<string, ChangeCounts>> }>
  >;
}

function nodeFlags(network: Network, { mode, layout }: Options): string[] {
  return [
    ...['--mode', mode, ...(mode === 'iptables' ? ['--layout', layout] : [])],
    ...['--hostname-override', network.node.name, '--cluster-cidr', network.clusterCidrs.join(',')],
    '--strict',
  ];
}

async function rulewright(command: string, args: readonly string[]): Promise<string> {
  return await run(process.execPath, [cli, command, ...args]).catch((error: unknown) => {
    throw error instanceof CommandFailed ? new Error(`rulewright ${command} failed:\n${error.stderr}`) : error;
  });
}
