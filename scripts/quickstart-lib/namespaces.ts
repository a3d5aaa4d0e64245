/** Network namespaces of the quickstart, by name. Every one is called `<prefix><run's pid>-<what it is>`. */
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { run } from './exec.ts';

const prefix = 'rw-quickstart-';
/** A prefix of their own keeps them out of the clean-up of left-overs. */
const keptPrefix = 'rw-kept-quickstart-';
const namespaceFolder = '/run/netns';

export function runPrefix(keep: boolean): string {
  return `${keep ? keptPrefix : prefix}${process.pid}-`;
}

export function namespacePath(namespace: string): string {
  return join(namespaceFolder, namespace);
}

/** Commands for `ip -batch`, all in one process. */
export async function ipBatch(lines: readonly string[], namespace?: string): Promise<void> {
  if (lines.length === 0) return;
  const inNamespace = namespace === undefined ? [] : ['-n', namespace];
  await run('ip', [...inNamespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Sets kernel settings (`net.…` as paths) that hold in this namespace alone; those that the kernel lacks are left. */
export async function setSysctls(namespace: string, settings: readonly (readonly [string, string])[]): Promise<void> {
  const script = settings
    .map(([key, value]) => `[ ! -e /proc/sys/${key} ] || echo ${value} > /proc/sys/${key}`)
    .join('\n');
  await run('ip', ['netns', 'exec', namespace, 'sh', '-ec', script]);
}

/** Removes all namespaces whose names begin so. */
export async function removeNamespaces(beginning: string): Promise<void> {
  await ipBatch(listNamespaces(beginning).map((name) => `netns del ${name}`));
}

/** Removes what killed runs left behind: namespaces and temporary folders that name a process that is gone. */
export async function removeLeftovers(): Promise<number> {
  const isStale = (name: string): boolean => {
    const pid = Number(/^rw-quickstart-(\d+)-/.exec(name)?.[1]);
    return pid > 0 && !isAlive(pid);
  };
  const stale = listNamespaces(prefix).filter(isStale);
  await ipBatch(stale.map((name) => `netns del ${name}`));
  for (const folder of readdirSync(tmpdir()).filter(isStale)) rmSync(join(tmpdir(), folder), { recursive: true });
  return stale.length;
}

/** Removes what a run with `--keep` (or `all` of them) left on purpose. The processes there notice and end. */
export async function removeKept(run: string): Promise<number> {
  const beginning = run === 'all' ? keptPrefix : `${keptPrefix}${run}-`;
  const kept = listNamespaces(beginning);
  await removeNamespaces(beginning);
  return kept.length;
}

export function listNamespaces(beginning: string): string[] {
  try {
    return readdirSync(namespaceFolder).filter((name) => name.startsWith(beginning));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
