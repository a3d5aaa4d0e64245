import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { variants } from '../../../scripts/lab/network/tools.ts';
import { printRuleset } from '../../../src/core/iptables/print/print.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { affinityRules } from '../../core/trace/facts/affinity.ts';
import { facts } from '../../core/trace/facts/index.ts';
import { packetOf } from '../../core/trace/rules.ts';
import { arbitraryTracedPacket, arbitraryTracedRuleset } from '../../support/arbitrary/small-world.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { differences, probeOf } from '../../support/trace/agreement.ts';
import { type Observation, runExperiments } from '../../support/trace/kernel/probe.ts';

const nothingSeen: Observation = { outcomes: {}, counted: [] };

describeKernel('the tracer', () => {
  for (const variant of variants) {
    for (const family of ipFamilies) {
      describe(`agrees with the kernel and ${family} iptables-${variant} that`, () => {
        const experiments = facts
          .filter((fact) => fact.family === family)
          .map(({ lines, ...fact }) => ({ ...fact, probes: lines.map(({ packet }) => probeOf(fact.ruleset, packet)) }));
        let observed: readonly (readonly Observation[])[] = [];
        beforeAll(async () => {
          observed = await runExperiments({ variant, family }, experiments);
        });
        for (const [i, { name, ruleset, probes }] of experiments.entries()) {
          it(name, () => {
            const observations = observed[i] ?? [];
            expect(observations).toHaveLength(probes.length);
            for (const [j, probe] of probes.entries()) {
              const observation = observations[j] ?? nothingSeen;
              expect({ ...probe, differences: differences(ruleset, probe, observation) }).toEqual({
                ...probe,
                differences: [],
              });
            }
          });
        }
      });
    }

    it(`agrees with the kernel and iptables-${variant} about rulesets that mean nothing`, async () => {
      const worlds = fc.tuple(arbitraryTracedRuleset, fc.array(arbitraryTracedPacket, { minLength: 8, maxLength: 8 }));
      const experiments = fc.sample(worlds, { seed: 20_261_123, numRuns: 6 }).map(([ruleset, packets]) => {
        const probes = packets.map((packet) => probeOf(ruleset, packet));
        return { ruleset, rules: printRuleset(ruleset), probes };
      });
      const observed = await runExperiments({ variant, family: 'IPv4' }, experiments);
      for (const [i, { ruleset, rules, probes }] of experiments.entries()) {
        const found = probes.flatMap((probe, j) => {
          const observation = observed[i]?.[j] ?? nothingSeen;
          return differences(ruleset, probe, observation).map((each) => `${JSON.stringify(probe.packet)}: ${each}`);
        });
        expect({ rules, differences: found }).toEqual({ rules, differences: [] });
      }
    });

    it(`agrees with the kernel and iptables-${variant} that a client stays with its endpoint`, async () => {
      const probes = Array.from({ length: 30 }, (_, i) => ({
        packet: packetOf(`10.9.0.${i + 1} in probe-in -> 10.0.0.1:80/UDP`),
        count: 5,
        patienceMs: 2000,
      }));
      const [observations] = await runExperiments({ variant, family: 'IPv4' }, [{ rules: affinityRules, probes }]);
      const seen = observations?.map(({ outcomes }) => Object.entries(outcomes));
      // Each client has one endpoint for all its connections, and both endpoints have clients.
      expect(new Set(seen?.map((each) => each.length))).toEqual(new Set([1]));
      expect(new Set(seen?.flat().map(([key]) => key))).toEqual(new Set(['out 10.1.0.1:8080', 'out 10.1.0.2:8080']));
    });
  }
});
