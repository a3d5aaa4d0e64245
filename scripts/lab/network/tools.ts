/** Commands in a network namespace, above all iptables with an xtables lock that other namespaces do not share. */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpFamily } from '../../../src/core/model/address.ts';
import { CommandFailed, run } from '../exec.ts';

export type Variant = 'legacy' | 'nft';

export const variants: readonly Variant[] = ['legacy', 'nft'];

export interface RestoreOptions {
  /** Only parse and build the rules: `--test`. */
  readonly test?: boolean;
  /** Leave chains alone that the text does not name: `--noflush`. */
  readonly noFlush?: boolean;
}

/** A network namespace of its own, with `lo` up. */
export interface Namespace {
  readonly name: string;
  /** Its own xtables lock: the one in /run is for rules that are shared with others. */
  readonly lockFile: string;
  /** Runs a command in the namespace and gives its standard output; throws with its standard error when it fails. */
  exec(command: string, args?: readonly string[], options?: { readonly input?: string }): Promise<string>;
  /** Feeds a text to `iptables-restore`. */
  restore(variant: Variant, family: IpFamily, text: string, options?: RestoreOptions): Promise<void>;
  /** The output of `iptables-save`, of the tables that this variant has. */
  save(variant: Variant, family: IpFamily): Promise<string>;
}

/** Large rulesets take some seconds to load, the probes of tests up to a minute. */
const timeoutMs = 120_000;

let created = 0;

/** Runs `body` in a new namespace, which is deleted however that ends. */
export async function withNamespace<T>(body: (namespace: Namespace) => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) throw new Error(`kernel tests make network namespaces, which takes root: ${advice}`);
  created += 1;
  const name = `rw-${process.pid}-${created}`;
  const lockFile = join(tmpdir(), `${name}.lock`);
  await run('ip', ['netns', 'add', name]);
  try {
    await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    return await body(namespaceOf(name, lockFile));
  } finally {
    await run('ip', ['netns', 'delete', name]);
    await rm(lockFile, { force: true });
  }
}

const advice = 'run them as root with iproute2 and iptables installed, or set RULEWRIGHT_NO_KERNEL=1 to leave them out';

/** A namespace that exists already, and that its maker removes. */
export function namespaceOf(name: string, lockFile: string): Namespace {
  const exec: Namespace['exec'] = (command, args = [], { input = '' } = {}) =>
    run('ip', ['netns', 'exec', name, command, ...args], {
      env: { XTABLES_LOCKFILE: lockFile },
      input,
      timeoutMs,
    }).catch((error: unknown) => {
      const isMissing = error instanceof CommandFailed && /exec of "[^"]*" failed: No such file/.test(error.stderr);
      throw isMissing ? new Error(`${error.message}\n${advice}`, { cause: error }) : error;
    });
  return {
    name,
    lockFile,
    exec,
    restore: async (variant, family, text, { test, noFlush } = {}) => {
      const args = [...(test === true ? ['--test'] : []), ...(noFlush === true ? ['--noflush'] : [])];
      await exec(`${toolName(variant, family)}-restore`, args, { input: text });
    },
    save: (variant, family) => exec(`${toolName(variant, family)}-save`),
  };
}

/** `iptables-nft`, `ip6tables-legacy` and so on. */
export function toolName(variant: Variant, family: IpFamily): string {
  return `${family === 'IPv4' ? 'iptables' : 'ip6tables'}-${variant}`;
}

/**
 * Gives a namespace the address 192.168.0.2, and a default route to an interface where nothing answers. What it sends
 * may come from any address in 10.200.0.0/16.
 */
export async function addUplink({ exec }: Namespace): Promise<void> {
  await exec('ip', ['link', 'add', 'out', 'type', 'veth', 'peer', 'name', 'outside']);
  for (const link of ['out', 'outside']) await exec('ip', ['link', 'set', link, 'up']);
  await exec('ip', ['addr', 'add', '192.168.0.2/24', 'dev', 'out']);
  await exec('ip', ['route', 'add', 'default', 'dev', 'out']);
  await exec('ip', ['route', 'add', 'local', '10.200.0.0/16', 'dev', 'lo']);
}

/** As the kubelet does (KEP-3178): the daemon takes the variant that has this chain. */
export async function leaveHint({ exec }: Namespace, variant: Variant): Promise<void> {
  await exec(toolName(variant, 'IPv4'), ['-t', 'mangle', '-N', 'KUBE-IPTABLES-HINT']);
}
