import { describe, expect, it } from 'vitest';
import { nearestAddresses, similarNames } from '../../../src/core/explain/similar.ts';
import { ip } from '../../support/objects.ts';

describe('suggestions', () => {
  it('list the same name in other namespaces first, then similar names', () => {
    const names = ['team/web', 'other/wbe', 'taem/web', 'team/database'];
    expect(similarNames('team/wbe', names)).toEqual(['other/wbe', 'team/web']);
  });

  it('are empty if no name is similar', () => {
    expect(similarNames('team/web', ['shop/checkout'])).toEqual([]);
  });

  it('list the nearest addresses of the same family', () => {
    const known = ['10.96.0.1', '10.96.0.9', '10.96.0.11', '10.96.9.9', 'fd00::1'].map(ip);
    expect(nearestAddresses(ip('10.96.0.10'), known)).toEqual(['10.96.0.9', '10.96.0.11', '10.96.0.1']);
  });
});
