/** Packets through nftables rulesets in a real kernel, by the probe that the iptables tracer has. */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { withNamespace } from '../../../../scripts/lab/network/tools.ts';
import type { Distribution, Packet } from '../../../../src/core/model/packet.ts';
import { printRuleset } from '../../../../src/core/nftables/print/print.ts';
import type { NftablesRuleset } from '../../../../src/core/nftables/ruleset.ts';
import { toNumber } from '../../../../src/core/structures/rational.ts';
import { traceNftables } from '../../../../src/core/trace/nftables/trace.ts';
import { appearance, listenedPorts, type Probe, probeHosts } from './probe.ts';

/** How many of the packets of a probe were seen as what; the keys are those of `appearance`. */
export type Sightings = Readonly<Record<string, number>>;

/** Loads the ruleset afresh before each probe, in a network namespace that is gone in the end. */
export async function probeNftables(ruleset: NftablesRuleset, probes: readonly Probe[]): Promise<readonly Sightings[]> {
  const input = JSON.stringify({
    addresses: probeHosts[ruleset.family].addresses.slice(0, -1),
    // The probe pipes rules into a command without arguments: here it is a shell, and the rules are a script for it.
    restore: 'sh',
    // It asks for counters too, and these rules have none.
    save: 'true',
    listen: listenedPorts,
    experiments: [{ rules: shellScript(ruleset), probes: probes.map(toJson) }],
  });
  const answer = await withNamespace(({ exec }) => exec('timeout', [timeLimitSeconds, 'python3', script], { input }));
  const [results]: readonly (readonly { readonly outcomes: Sightings }[])[] = JSON.parse(answer);
  if (results?.length !== probes.length) throw new Error(`the probe gave no answer for each packet: ${answer}`);
  return results.map(({ outcomes }) => outcomes);
}

function shellScript(ruleset: NftablesRuleset): string {
  return `nft -f - <<'END'\nflush ruleset\n${printRuleset(ruleset)}END\n`;
}

function toJson({ packet: { inputInterface, remembered: _, ...packet }, count, patienceMs }: Probe): object {
  return { ...packet, arrives: inputInterface !== undefined, count, patienceMs };
}

const script = fileURLToPath(new URL('probe.py', import.meta.url));
const timeLimitSeconds = '50';

/** Ten packets each show what is certain; chance needs more. */
const fewTimes = 10;
export const manyTimes = 3000;

/** Nothing tells that a packet was dropped. */
export const patienceMs = 200;

export function compareCounts(seen: Readonly<Record<string, number>>, wanted: Distribution, packet: Packet): void {
  const count = Object.values(seen).reduce((sum, each) => sum + each, 0);
  const shares = new Map<string, number>();
  for (const { outcome, probability } of wanted.values()) {
    const key = appearance(outcome, packet);
    shares.set(key, (shares.get(key) ?? 0) + toNumber(probability));
  }
  expect(Object.keys(seen).sort()).toEqual([...shares.keys()].sort());
  for (const [key, share] of shares) {
    // Five standard deviations: wrong once in 1.7 million times.
    const slack = 5 * Math.sqrt(share * (1 - share) * count);
    expect(Math.abs((seen[key] ?? 0) - share * count), `${key} of ${count}`).toBeLessThanOrEqual(slack);
  }
}

export async function agree(
  ruleset: NftablesRuleset,
  packets: readonly Packet[],
  count: number = fewTimes,
): Promise<void> {
  const sightings = await probeNftables(
    ruleset,
    packets.map((packet) => ({ packet, count, patienceMs })),
  );
  for (const [i, packet] of packets.entries()) {
    const { distribution, problems } = traceNftables(ruleset, packet, probeHosts.IPv4);
    expect(problems).toEqual([]);
    compareCounts(sightings[i] ?? {}, distribution, packet);
  }
}
