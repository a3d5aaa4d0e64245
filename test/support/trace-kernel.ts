/** Packets through a real kernel, each batch in a network namespace that is gone when the probe ends. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familyOf, formatHostPort, parseIpAddress } from '../../src/core/model/address.ts';
import type { Outcome, Packet, TraceHost } from '../../src/core/model/packet.ts';
import { isLocalAddress } from '../../src/core/trace/host.ts';
import { ip } from './objects.ts';

export type Variant = 'legacy' | 'nft';

export const variants: readonly Variant[] = ['legacy', 'nft'];

/** The interface on which packets from elsewhere arrive. */
export const arrivalInterface = 'probe-in';

/** The node of the probe: the last address of each list lies on the interface that leads to everywhere else. */
export const probeHosts = {
  IPv4: { addresses: [ip('192.0.2.1'), ip('192.0.2.2'), ip('198.18.0.1')] },
  IPv6: { addresses: [ip('2001:db8::1'), ip('2001:db8::2'), ip('fdfe::1')] },
} as const satisfies Record<string, TraceHost>;

/** UDP ports on which the node listens. */
export const listenedPorts: readonly number[] = [53, 80, 443, 8080, 9090, 30080];

export interface Experiment {
  readonly variant: Variant;
  /** Text for iptables-restore. */
  readonly rules: string;
  readonly probes: readonly { readonly packet: Packet; readonly count: number }[];
}

export interface Observation {
  /** How many of the packets were seen as what: the keys are those of `appearance`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Rules that counted packets, as `table chain index`. */
  readonly counted: readonly string[];
}

/** What the probe sees of an outcome: where the packet was seen, as what, and whether its source is another one. */
export function appearance(outcome: Outcome, packet: Packet): string {
  const host = probeHosts[familyOf(packet.destination)];
  switch (outcome.kind) {
    case 'reject':
    case 'drop':
      return outcome.kind;
    case 'dnat': {
      const address = parseIpAddress(outcome.endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
      const place = address !== undefined && isLocalAddress(address, host) ? 'local' : 'out';
      return `${place} ${outcome.endpoint}${outcome.masquerade ? ' new-source' : ''}`;
    }
    case 'accept':
    case 'pass': {
      const place = isLocalAddress(packet.destination, host) ? 'local' : 'out';
      return `${place} ${formatHostPort(packet.destination, packet.port)}`;
    }
    default:
      return outcome satisfies never;
  }
}

/** Loads the rules and sends the packets; the rules are loaded afresh before each probe. */
export async function runExperiment({ variant, rules, probes }: Experiment): Promise<readonly Observation[]> {
  const family = probes.some(({ packet }) => familyOf(packet.destination) === 'IPv6') ? 'IPv6' : 'IPv4';
  const command = family === 'IPv6' ? `ip6tables-${variant}` : `iptables-${variant}`;
  const answer = await runProbe({
    addresses: probeHosts[family].addresses.slice(0, -1),
    rules,
    restore: `${command}-restore`,
    save: `${command}-save`,
    listen: listenedPorts,
    probes: probes.map(({ packet: { inputInterface, remembered: _, ...packet }, count }) => {
      return { ...packet, arrives: inputInterface !== undefined, count };
    }),
  });
  const results: readonly { outcomes: Readonly<Record<string, number>>; counters: string }[] = JSON.parse(answer);
  return results.map(({ outcomes, counters }) => ({ outcomes, counted: countedRules(counters) }));
}

const timeoutMs = 30_000;

async function runProbe(experiment: object): Promise<string> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'kernel tests make network namespaces: run them as root, or set RULEWRIGHT_NO_KERNEL=1 to leave them out',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'rulewright-trace-'));
  try {
    return await communicate(JSON.stringify(experiment), { ...process.env, XTABLES_LOCKFILE: join(folder, 'lock') });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function communicate(input: string, env: NodeJS.ProcessEnv): Promise<string> {
  const script = fileURLToPath(new URL('trace-probe.py', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', ['--net', 'python3', script], { env, timeout: timeoutMs, killSignal: 'SIGKILL' });
    const [out, err] = [[] as Buffer[], [] as Buffer[]];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`the probe ended with ${code ?? signal}: ${Buffer.concat(err).toString()}`));
    });
    // Where the child died early, its end says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Reads `[packets:bytes] -A CHAIN …`, the lines of iptables-save -c. */
function countedRules(text: string): readonly string[] {
  const counted: string[] = [];
  const sizes = new Map<string, number>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const [, packets, chain] = /^\[(\d+):\d+\] -A (\S+)/.exec(line) ?? [];
    if (packets === undefined || chain === undefined) continue;
    const place = `${table} ${chain}`;
    const index = sizes.get(place) ?? 0;
    sizes.set(place, index + 1);
    if (packets !== '0') counted.push(`${place} ${index}`);
  }
  return counted.sort();
}
