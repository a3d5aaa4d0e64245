import { describe, expect, it } from 'vitest';
import { nearestAddresses, similarNames } from '../../../src/core/explain/similar.ts';
import { ip } from '../../support/objects.ts';

describe('what may have been meant', () => {
  it('is the same name elsewhere, then what differs little', () => {
    const names = ['team/web', 'other/wbe', 'taem/web', 'team/database'];
    expect(similarNames('team/wbe', names)).toEqual(['other/wbe', 'team/web']);
  });

  it('is nothing where all names are others', () => {
    expect(similarNames('team/web', ['shop/checkout'])).toEqual([]);
  });

  it('is the addresses that are nearest, of the same family', () => {
    const known = ['10.96.0.1', '10.96.0.9', '10.96.0.11', '10.96.9.9', 'fd00::1'].map(ip);
    expect(nearestAddresses(ip('10.96.0.10'), known)).toEqual(['10.96.0.9', '10.96.0.11', '10.96.0.1']);
  });
});
