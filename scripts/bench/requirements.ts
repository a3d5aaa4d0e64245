/** Checks whether this machine can run the measurements that need root and a kernel. */
import { spawnSync } from 'node:child_process';
import type { Backend } from './scenarios.ts';
import { tools } from './tools.ts';

/** Why these backends cannot be measured here; undefined if they can. */
export function whyNoKernel(backends: readonly Backend[]): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const commands = backends.map((backend) => tools[backend].load[0]);
  const missing = [...new Set(['unshare', 'mount', 'ip', 'python3', ...commands])].filter((name) => !isInstalled(name));
  return missing.length === 0 ? undefined : `${missing.join(', ')} not found (scripts/test installs it)`;
}

function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command]).status === 0;
}
