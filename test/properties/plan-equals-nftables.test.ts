import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipFamilies } from '../../src/core/model/address.ts';
import type { Distribution, Packet } from '../../src/core/model/packet.ts';
import { compare, rational } from '../../src/core/model/rational.ts';
import { lower } from '../../src/core/nftables/lower.ts';
import { planFamily } from '../../src/core/plan/plan.ts';
import { distance, formatDistribution } from '../../src/core/trace/distribution.ts';
import { traceNftables } from '../../src/core/trace/nftables.ts';
import { tracePlan } from '../../src/core/trace/plan.ts';
import { arbitraryPacket, hostOf } from '../support/arbitrary-packet.ts';
import { arbitraryConfig, arbitraryObjects, withOneNodePerAddress } from '../support/arbitrary-snapshot.ts';
import { snapshotOfManifests } from '../support/objects.ts';
import { packetsOfPlan } from '../support/packets-of-plan.ts';

/** Each of n endpoints is off by at most n / 2^31: the kernel's draw has 31 bits. */
function tolerance(outcomes: Distribution) {
  return rational(BigInt(outcomes.size), 2n ** 31n);
}

describe('plan = nftables', () => {
  for (const family of ipFamilies) {
    it(`gives every packet the same distribution through plan and ${family} ruleset`, () => {
      const kindsSeen = new Set<string>();
      const strays = fc.array(arbitraryPacket(family), { minLength: 20, maxLength: 40 });
      fc.assert(
        fc.property(arbitraryObjects, arbitraryConfig, strays, (objects, config, packets) => {
          const snapshot = snapshotOfManifests(withOneNodePerAddress(objects));
          const { plan } = planFamily(snapshot, { ...config, mode: 'nftables' }, family);
          const ruleset = lower(plan);
          const host = hostOf(family);
          const check = (packet: Packet) => {
            const wanted = tracePlan(plan, packet, host);
            for (const { outcome } of wanted.values()) kindsSeen.add(outcome.kind);
            const { distribution: seen, problems } = traceNftables(ruleset, packet, host);
            const isEqual = compare(distance(wanted, seen), tolerance(wanted)) <= 0 && problems.length === 0;
            if (!isEqual) {
              const told = JSON.stringify(packet);
              expect.fail(`${told}: plan ${formatDistribution(wanted)}, nftables ${formatDistribution(seen)}`);
            }
          };
          for (const packet of [...packetsOfPlan(plan), ...packets]) check(packet);
        }),
        { numRuns: 150, seed: 20261123 },
      );
      // Worlds in which nothing much happens would make every law hold.
      expect([...kindsSeen].sort()).toEqual(['accept', 'dnat', 'drop', 'pass', 'reject']);
    });
  }
});
