/** The kernel's settings that a service proxy depends on: what kube-proxy sets, under the same names. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** Undefined or 0 leaves a setting as it is. */
export interface ConntrackLimits {
  readonly maxPerCore: number | undefined;
  readonly min: number | undefined;
  readonly tcpEstablishedTimeoutMs: number | undefined;
  readonly tcpCloseWaitTimeoutMs: number | undefined;
  readonly tcpBeLiberal: boolean;
  readonly udpTimeoutMs: number | undefined;
  readonly udpStreamTimeoutMs: number | undefined;
}

/** The settings that are wanted. */
export interface NodeSettings {
  readonly conntrack: ConntrackLimits;
  /** -1000 to 1000; undefined leaves it as it is. */
  readonly oomScoreAdj: number | undefined;
  /** NodePorts answer on 127.0.0.0/8: the `protectLoopback` of the IPv4 plan, without which this would be a hole. */
  readonly routeLocalnet: boolean;
}

/** Files that hold a number. Errors carry a `code`, as Node's do. */
export interface KernelFiles {
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
}

/** One setting, and whether it is as wanted now. */
export interface SettingResult {
  /** As `sysctl` has it where it is one: `net.netfilter.nf_conntrack_max`. */
  readonly name: string;
  readonly path: string;
  readonly wanted: number;
  /** Undefined where it could not be read. */
  readonly was: number | undefined;
  readonly outcome: SettingOutcome;
}

export type SettingOutcome =
  | { readonly kind: 'kept' | 'set' }
  /** `code`: as Node has it; EROFS is what kube-proxy has an Event for. */
  | { readonly kind: 'failed'; readonly code: string; readonly problem: string; readonly remedy: string };

const realFiles: KernelFiles = {
  read: (path) => readFile(path, 'utf8'),
  write: (path, text) => writeFile(path, text),
};

/**
 * Writes the settings that are not yet as they should be, and reports on each. A process that may not write them keeps
 * what one that could has set before: that is what --init-only is for.
 */
export async function applyNodeSettings(
  settings: NodeSettings,
  { files = realFiles, cores = cpus().length }: { readonly files?: KernelFiles; readonly cores?: number } = {},
): Promise<readonly SettingResult[]> {
  const results: SettingResult[] = [];
  for (const wanted of wantedSettings(settings, Math.max(cores, 1))) results.push(await applySetting(wanted, files));
  return results;
}

interface WantedSetting {
  readonly name: string;
  readonly path: string;
  readonly value: number;
  /** More is as good. */
  readonly isMinimum?: boolean;
  /** 0 is more than any other value. */
  readonly zeroIsUnlimited?: boolean;
}

/** As kube-proxy 1.36: machines of many cores would reserve gigabytes for a table that stays empty. */
const largestTable = 1_048_576;

/** kube-proxy's order. A limit of 0 for each core leaves the table's size alone, also where there is a minimum. */
function wantedSettings({ conntrack, oomScoreAdj, routeLocalnet }: NodeSettings, cores: number): WantedSetting[] {
  const { maxPerCore = 0, min = 0 } = conntrack;
  const max = maxPerCore > 0 ? Math.min(Math.max(maxPerCore * cores, min), largestTable) : 0;
  const timeouts: readonly (readonly [string, number | undefined])[] = [
    ['tcp_timeout_established', conntrack.tcpEstablishedTimeoutMs],
    ['tcp_timeout_close_wait', conntrack.tcpCloseWaitTimeoutMs],
    ['udp_timeout', conntrack.udpTimeoutMs],
    ['udp_timeout_stream', conntrack.udpStreamTimeoutMs],
  ];
  return [
    ...(max > 0 ? [tableSize(max), hashSize(max)] : []),
    ...timeouts.flatMap(([name, ms = 0]) =>
      ms > 0 ? [sysctl(`net.netfilter.nf_conntrack_${name}`, Math.max(1, Math.floor(ms / 1000)))] : [],
    ),
    ...(conntrack.tcpBeLiberal ? [sysctl(tcpBeLiberal, 1)] : []),
    ...(routeLocalnet ? [sysctl('net.ipv4.conf.all.route_localnet', 1)] : []),
    ...(oomScoreAdj === undefined
      ? []
      : [{ name: 'oom_score_adj', path: '/proc/self/oom_score_adj', value: oomScoreAdj }]),
  ];
}

const tcpBeLiberal = 'net.netfilter.nf_conntrack_tcp_be_liberal';

/** Whether conntrack already accepts TCP packets that are out of window, as set on the node. */
export async function isTcpLiberal(files: KernelFiles = realFiles): Promise<boolean> {
  return (await readNumber(sysctl(tcpBeLiberal, 1).path, files)) === 1;
}

function sysctl(name: string, value: number): WantedSetting {
  return { name, path: `/proc/sys/${name.replaceAll('.', '/')}`, value };
}

/** Never lowered. The kernel takes 0 for no limit. */
function tableSize(max: number): WantedSetting {
  return { ...sysctl('net.netfilter.nf_conntrack_max', max), isMinimum: true, zeroIsUnlimited: true };
}

/** Four entries to a bucket, as the kernel has it by default on machines of little memory. */
function hashSize(max: number): WantedSetting {
  const path = '/sys/module/nf_conntrack/parameters/hashsize';
  return { name: 'nf_conntrack hashsize', path, value: Math.floor(max / 4), isMinimum: true };
}

async function applySetting(wanted: WantedSetting, files: KernelFiles): Promise<SettingResult> {
  const { name, path, value } = wanted;
  const was = await readNumber(path, files);
  const end = (outcome: SettingOutcome): SettingResult => ({ name, path, wanted: value, was, outcome });
  if (was === value || isEnough(wanted, was)) return end({ kind: 'kept' });
  try {
    await files.write(path, String(value));
    return end({ kind: 'set' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return end({ kind: 'failed', code, ...explain(wanted, was, code) });
  }
}

function isEnough({ value, isMinimum = false, zeroIsUnlimited = false }: WantedSetting, was = -1): boolean {
  return (isMinimum && was > value) || (zeroIsUnlimited && was === 0);
}

async function readNumber(path: string, files: KernelFiles): Promise<number | undefined> {
  try {
    const text = (await files.read(path)).trim();
    return /^-?\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function explain(
  { name, value }: WantedSetting,
  was: number | undefined,
  code: string,
): { readonly problem: string; readonly remedy: string } {
  const stays = `${name} cannot be set to ${value}${was === undefined ? '' : ` and stays ${was}`}`;
  const reason = reasons.get(code) ?? code;
  return { problem: `${stays}: ${reason}`, remedy: code === 'ENOENT' ? loadModule : remedyFor(name) };
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this process may not write it'],
  ['EPERM', 'this process may not write it'],
  ['EROFS', 'it is mounted read-only'],
  ['ENOENT', 'this kernel does not have it'],
  ['EINVAL', 'the kernel does not take that value'],
]);

const loadModule = 'load the module nf_conntrack (modprobe nf_conntrack)';

function remedyFor(name: string): string {
  return name === 'oom_score_adj'
    ? 'give the container the capability SYS_RESOURCE, or leave it to the priority class of the Pod'
    : 'set it on the node, or give the container with --init-only full privileges (securityContext.privileged: true)';
}
