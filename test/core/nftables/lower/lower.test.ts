import { expect, it } from 'vitest';
import type { Plan } from '../../../../src/core/model/plan.ts';
import { emptyNftablesLowerMemory, lower } from '../../../../src/core/nftables/lower/lower.ts';
import { emptyPlanMemory, planFamily } from '../../../../src/core/plan/plan.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../../support/objects.ts';

it('removes the chains of pool sizes that are no longer used', () => {
  const config = nodeConfig({ mode: 'nftables' });
  const [planMemory, memory] = [emptyPlanMemory(), emptyNftablesLowerMemory()];
  const planWith = (...addresses: readonly string[]): Plan => {
    const slices = [
      slice(
        'web',
        addresses.map((address) => endpoint(address)),
      ),
    ];
    return planFamily(snapshotOf({ services: [service('web')], slices }), config, 'IPv4', planMemory).plan;
  };
  const pickOfTwo = (plan: Plan) => lower(plan, memory).chains.find(({ name }) => name === 'pick-2');
  const first = pickOfTwo(planWith('10.244.1.1', '10.244.1.2'));
  expect(pickOfTwo(planWith('10.244.1.3', '10.244.1.4'))).toBe(first);
  expect(pickOfTwo(planWith('10.244.1.1'))).toBeUndefined();
  expect(pickOfTwo(planWith('10.244.1.1', '10.244.1.2'))).not.toBe(first);
});
