/** Network namespaces by name: their links, addresses and kernel settings, and their end. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../exec.ts';

const namespaceFolder = '/run/netns';

export function namespacePath(namespace: string): string {
  return join(namespaceFolder, namespace);
}

/** Commands for `ip -batch`, all in one process. */
export async function ipBatch(lines: readonly string[], namespace?: string): Promise<void> {
  if (lines.length === 0) return;
  const inNamespace = namespace === undefined ? [] : ['-n', namespace];
  await run('ip', [...inNamespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Sets kernel settings (`net.…` as paths) in this namespace; skips those that the kernel lacks. */
export async function setSysctls(namespace: string, settings: readonly (readonly [string, string])[]): Promise<void> {
  const script = settings
    .map(([key, value]) => `[ ! -e /proc/sys/${key} ] || echo ${value} > /proc/sys/${key}`)
    .join('\n');
  await run('ip', ['netns', 'exec', namespace, 'sh', '-ec', script]);
}

/** Removes all namespaces whose names begin so; gives how many there were. */
export async function removeNamespaces(beginning: string): Promise<number> {
  const names = listNamespaces(beginning);
  await ipBatch(names.map((name) => `netns del ${name}`));
  return names.length;
}

export function listNamespaces(beginning: string): string[] {
  try {
    return readdirSync(namespaceFolder).filter((name) => name.startsWith(beginning));
  } catch {
    return [];
  }
}
