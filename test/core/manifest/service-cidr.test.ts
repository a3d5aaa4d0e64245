import { describe, expect, it } from 'vitest';
import { readServiceCidr } from '../../../src/core/manifest/manifest.ts';
import { said } from './fixtures.ts';

const read = (cidrs: unknown) =>
  readServiceCidr({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs },
  });

describe('readServiceCidr', () => {
  it('reads one block of each family', () => {
    const result = read(['10.96.0.0/12', 'fd00:96::/108']);
    expect(result).toEqual({
      object: { name: 'kubernetes', cidrs: ['10.96.0.0/12', 'fd00:96::/108'] },
      diagnostics: [],
    });
    expect(Object.isFrozen(result.object)).toBe(true);
  });

  it('takes the first of a family', () => {
    const result = read(['10.96.0.0/12', '10.112.0.0/12']);
    expect(result.object?.cidrs).toEqual(['10.96.0.0/12']);
    expect(said(result)).toEqual(['error family-surplus spec.cidrs[1]']);
  });

  it.each([
    [undefined, 'error field-missing spec.cidrs'],
    [[], 'error field-missing spec.cidrs'],
    [['10.96.0.0'], 'error cidr-invalid spec.cidrs[0]'],
    ['10.96.0.0/12', 'error wrong-type spec.cidrs'],
  ])('is left out with blocks %j: %s', (cidrs, diagnostic) => {
    const result = read(cidrs);
    expect(result.object).toBeUndefined();
    expect(said(result)).toEqual([diagnostic]);
  });
});
