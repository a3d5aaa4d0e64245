import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipFamilies } from '../../src/core/model/address.ts';
import { parseTables } from '../../src/core/nftables/listing/parse.ts';
import { lower } from '../../src/core/nftables/lower/lower.ts';
import { printRuleset } from '../../src/core/nftables/print/print.ts';
import { planFamily } from '../../src/core/plan/plan.ts';
import { formatDistribution } from '../../src/core/trace/distribution.ts';
import { traceNftables } from '../../src/core/trace/nftables/trace.ts';
import { arbitraryPacket, hostOf } from '../support/arbitrary/packet.ts';
import { arbitraryConfig, arbitraryObjects } from '../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../support/objects.ts';

describe('our tables, read as foreign ones', () => {
  it.each(ipFamilies)('give every packet the same outcome in %s', (family) => {
    const host = hostOf(family);
    const packets = fc.array(arbitraryPacket(family), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(arbitraryObjects, arbitraryConfig, packets, (objects, settings, some) => {
        const config = { ...settings, mode: 'nftables' as const };
        const ruleset = lower(planFamily(snapshotOfManifests(objects), config, family).plan);
        const { tables, problems } = parseTables(printRuleset(ruleset));
        expect([problems, tables.map((table) => table.problems)]).toEqual([[], [[]]]);
        const read = tables[0]?.ruleset ?? ruleset;
        for (const packet of some) {
          const { distribution, problems: unknown } = traceNftables(read, packet, host);
          expect(unknown).toEqual([]);
          expect(formatDistribution(distribution)).toBe(
            formatDistribution(traceNftables(ruleset, packet, host).distribution),
          );
        }
      }),
      { numRuns: 60, seed: 20261126 },
    );
  });
});
