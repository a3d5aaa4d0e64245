/** Packets through nftables rulesets in a real kernel, by the probe that the iptables tracer has. */
import { fileURLToPath } from 'node:url';
import { withNamespace } from '../../../../scripts/lab/network/tools.ts';
import { printRuleset } from '../../../../src/core/nftables/print/print.ts';
import type { NftablesRuleset } from '../../../../src/core/nftables/ruleset.ts';
import { listenedPorts, type Probe, probeHosts } from './probe.ts';

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
