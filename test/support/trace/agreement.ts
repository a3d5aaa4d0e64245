import type { IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import type { Distribution, Packet } from '../../../src/core/model/packet.ts';
import { toNumber } from '../../../src/core/structures/rational.ts';
import { traceIptables, traceIptablesSteps } from '../../../src/core/trace/iptables/trace.ts';
import { appearance, type Observation, type Probe, probeHosts } from './kernel/probe.ts';

const surePackets = 3;
const chancePackets = 400;

/** As many packets as it takes to tell. Those that should be seen again are waited for, others only for a moment. */
export function probeOf(ruleset: IptablesRuleset, packet: Packet): Probe {
  const { distribution } = traceIptables(ruleset, packet, probeHosts[ruleset.family]);
  const isSure = distribution.size === 1;
  const patienceMs = !distribution.has('drop') ? 2000 : isSure ? 60 : 200;
  return { packet, count: isSure ? surePackets : chancePackets, patienceMs };
}

/** What differs between tracer and kernel, in words. */
export function differences(ruleset: IptablesRuleset, probe: Probe, observation: Observation): readonly string[] {
  const { packet, count } = probe;
  const { distribution, problems } = traceIptables(ruleset, packet, probeHosts[ruleset.family]);
  return [
    ...problems.map(({ kind, detail }) => `the tracer cannot tell: ${kind} ${detail}`),
    ...shareDifferences(expectedShares(distribution, packet), observation.outcomes, count),
    ...stepDifferences(ruleset, probe, observation),
  ];
}

/** By appearance: a packet that is sent on to where it was going looks like one that passed. */
function expectedShares(distribution: Distribution, packet: Packet): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { outcome, probability } of distribution.values()) {
    const key = appearance(outcome, packet);
    shares.set(key, (shares.get(key) ?? 0) + toNumber(probability));
  }
  return shares;
}

/** A share may be off by five standard deviations, which chance does once in a million times. */
function shareDifferences(
  expected: ReadonlyMap<string, number>,
  outcomes: Observation['outcomes'],
  count: number,
): readonly string[] {
  return [...new Set([...expected.keys(), ...Object.keys(outcomes)])].flatMap((key) => {
    const [wanted, seen] = [expected.get(key) ?? 0, (outcomes[key] ?? 0) / count];
    const tolerance = 5 * Math.sqrt((wanted * (1 - wanted)) / count);
    return Math.abs(wanted - seen) <= tolerance ? [] : [`${key}: ${wanted} expected, ${seen} seen`];
  });
}

/**
 * The rules that counted packets are those that the tracer walked. Answers count too where there are any: of TCP, of
 * REJECT. IPv6 always has something to say of its own.
 */
function stepDifferences(
  ruleset: IptablesRuleset,
  { packet, count }: Probe,
  { counted }: Observation,
): readonly string[] {
  const { paths } = traceIptablesSteps(ruleset, packet, probeHosts[ruleset.family]);
  const walked = shareOfRules(paths);
  const isQuiet =
    packet.protocol === 'UDP' && ruleset.family === 'IPv4' && !paths.some(({ outcome }) => outcome.kind === 'reject');
  const missing = [...walked].filter(([rule, share]) => (1 - share) ** count < 1e-7 && !counted.includes(rule));
  const surplus = counted.filter((rule) => isQuiet && !walked.has(rule));
  return [
    ...missing.map(([rule]) => `walked, but not counted: ${rule}`),
    ...surplus.map((rule) => `counted, but not walked: ${rule}`),
  ];
}

/** For each rule that packets match how many of them do. */
function shareOfRules(paths: ReturnType<typeof traceIptablesSteps>['paths']): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { steps, probability } of paths) {
    const rules = steps.filter(({ rule }) => rule !== 'policy');
    for (const place of new Set(rules.map(({ table, chain, rule }) => `${table} ${chain} ${rule}`))) {
      shares.set(place, (shares.get(place) ?? 0) + toNumber(probability));
    }
  }
  return shares;
}
