import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipFamilies } from '../../src/core/model/address.ts';
import type { Distribution, Packet } from '../../src/core/model/packet.ts';
import { planFamily } from '../../src/core/plan/plan.ts';
import { lowerPlan } from '../../src/core/rules.ts';
import { compare, rational } from '../../src/core/structures/rational.ts';
import { distance, formatDistribution } from '../../src/core/trace/distribution.ts';
import { tracePlan } from '../../src/core/trace/plan/trace.ts';
import { arbitraryPacket, hostOf } from '../support/arbitrary/packet.ts';
import { packetsOfPlan } from '../support/arbitrary/packets-of-plan.ts';
import { arbitraryConfig, arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../support/objects.ts';
import { traceRules } from '../support/trace/rules.ts';

/** In iptables each of n endpoints is off by at most n / 2^31, as the kernel's draw has 31 bits; nftables is exact. */
function tolerance(mode: 'iptables' | 'nftables', outcomes: Distribution) {
  return rational(mode === 'iptables' ? BigInt(outcomes.size) : 0n, 2n ** 31n);
}

describe.each(['iptables', 'nftables'] as const)('plan = %s', (mode) => {
  it.each(ipFamilies)('gives every packet the same distribution through plan and %s rules', (family) => {
    const kindsSeen = new Set<string>();
    const host = hostOf(family);
    const strays = fc.array(arbitraryPacket(family), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(arbitraryObjects, arbitraryConfig, strays, (objects, settings, packets) => {
        const config = { ...settings, mode };
        const snapshot = snapshotOfManifests(objects);
        const { plan } = planFamily(snapshot, config, family);
        const rules = lowerPlan(plan, config);
        const check = (packet: Packet) => {
          const wanted = tracePlan(plan, packet, host);
          for (const { outcome } of wanted.values()) kindsSeen.add(outcome.kind);
          const { distribution: seen, problems } = traceRules(rules, packet, host);
          if (compare(distance(wanted, seen), tolerance(mode, wanted)) <= 0 && problems.length === 0) return;
          const told = JSON.stringify(packet);
          expect.fail(`${told}: plan ${formatDistribution(wanted)}, ${mode} ${formatDistribution(seen)}`);
        };
        for (const packet of [...packetsOfPlan(plan), ...packets]) check(packet);
      }),
      { numRuns: 150, seed: 20261123 },
    );
    // Worlds in which nothing much happens would make every law hold.
    expect([...kindsSeen].sort()).toEqual(['accept', 'dnat', 'drop', 'pass', 'reject']);
  });
});
