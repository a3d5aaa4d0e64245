/** Describes the machine and the tools that the figures come from. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  readonly nft: string;
  readonly iptables: string;
  /** The load average at the start: other processes slow the measurements down. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: systemName(),
    kernel: release(),
    node: process.version,
    nft: versionOf('nft'),
    iptables: versionOf('iptables'),
    load: loadavg()[0] ?? Number.NaN,
  };
}

export function machineLine(machine: Machine): string {
  const { cpus: count, cpu, memoryGb, system, kernel, node, nft, iptables, load } = machine;
  const hardware = `${count} × ${cpu}, ${memoryGb} GB, load ${load.toFixed(1)}`;
  return `${hardware}; ${system}, kernel ${kernel}, nft ${nft}, iptables ${iptables}, Node ${node}`;
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function versionOf(command: string): string {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return /\bv(\S+)/.exec(stdout ?? '')?.[1] ?? 'missing';
}
