/** Packets through a real kernel, in a network namespace. */
import { fileURLToPath } from 'node:url';
import { type Variant, withNamespace } from '../../../../scripts/lab/network/tools.ts';
import { builtInChains } from '../../../../src/core/iptables/options.ts';
import { familyOf, formatHostPort, type IpFamily, parseIpAddress } from '../../../../src/core/model/address.ts';
import type { Outcome, Packet, TraceHost } from '../../../../src/core/model/packet.ts';
import { isLocalAddress } from '../../../../src/core/trace/host.ts';
import { ip } from '../../objects.ts';

/** The node of the probe: packets arrive on `probe-in`; the last address is on the interface that leads elsewhere. */
export const probeHosts = {
  IPv4: { addresses: [ip('192.0.2.1'), ip('192.0.2.2'), ip('198.18.0.1')] },
  IPv6: { addresses: [ip('2001:db8::1'), ip('2001:db8::2'), ip('fdfe::1')] },
} as const satisfies Record<string, TraceHost>;

/** UDP ports on which the node listens. */
export const listenedPorts: readonly number[] = [53, 80, 443, 8080, 9090, 30080];

export interface Experiment {
  /** Text for iptables-restore. */
  readonly rules: string;
  readonly probes: readonly Probe[];
}

export interface Probe {
  readonly packet: Packet;
  /** How many of them, each a new connection. */
  readonly count: number;
  /** How long to wait for packets that are not seen again. */
  readonly patienceMs: number;
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
      return `${place} ${formatHostPort(packet.destination, packet.port)}${outcome.masquerade ? ' new-source' : ''}`;
    }
    default:
      return outcome satisfies never;
  }
}

export interface Laboratory {
  readonly variant: Variant;
  readonly family: IpFamily;
}

/** Loads rules and sends packets; the rules are loaded afresh before each probe. For each probe what was seen. */
export async function runExperiments(
  { variant, family }: Laboratory,
  experiments: readonly Experiment[],
): Promise<readonly (readonly Observation[])[]> {
  const command = `${family === 'IPv6' ? 'ip6tables' : 'iptables'}-${variant}`;
  const input = JSON.stringify({
    addresses: probeHosts[family].addresses.slice(0, -1),
    restore: `${command}-restore`,
    save: `${command}-save`,
    listen: listenedPorts,
    experiments: experiments.map(({ rules, probes }) => {
      return { rules: emptyTables + rules, probes: probes.map(toJson) };
    }),
  });
  const answer = await withNamespace(({ exec }) => exec('timeout', [timeLimitSeconds, 'python3', script], { input }));
  const results: readonly (readonly { outcomes: Observation['outcomes']; counters: string }[])[] = JSON.parse(answer);
  return results.map((each) => each.map(({ outcomes, counters }) => ({ outcomes, counted: countedRules(counters) })));
}

function toJson({ packet: { inputInterface, remembered: _, ...packet }, count, patienceMs }: Probe): object {
  return { ...packet, arrives: inputInterface !== undefined, count, patienceMs };
}

/** An experiment starts without the rules and policies of the one before. */
const emptyTables = (['raw', 'mangle', 'nat', 'filter'] as const)
  .map((table) => `*${table}\n${builtInChains[table].map((chain) => `:${chain} ACCEPT [0:0]\n`).join('')}COMMIT\n`)
  .join('');

const script = fileURLToPath(new URL('probe.py', import.meta.url));
const timeLimitSeconds = '50';

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
