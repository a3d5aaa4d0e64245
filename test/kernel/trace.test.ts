import { beforeAll, describe, expect, it } from 'vitest';
import { ipFamilies } from '../../src/core/model/address.ts';
import { facts } from '../core/trace/facts/index.ts';
import { describeKernel, variants } from '../support/kernel.ts';
import { differences, probeOf } from '../support/trace-agreement.ts';
import { type Observation, runExperiments } from '../support/trace-kernel.ts';

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
              const observation = observations[j] ?? { outcomes: {}, counted: [] };
              expect({ ...probe, differences: differences(ruleset, probe, observation) }).toEqual({
                ...probe,
                differences: [],
              });
            }
          });
        }
      });
    }
  }
});
