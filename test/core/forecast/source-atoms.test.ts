import { describe, expect, it } from 'vitest';
import { compareRanges } from '../../../src/core/forecast/source-atoms.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';

describe('compareRanges', () => {
  it.each([
    { before: undefined, after: undefined, widened: false, narrowed: false },
    { before: undefined, after: ['10.0.0.0/8'], widened: false, narrowed: true },
    { before: ['10.0.0.0/8'], after: undefined, widened: true, narrowed: false },
    { before: ['10.0.0.0/8'], after: ['10.0.0.0/9', '10.128.0.0/9'], widened: false, narrowed: false },
    { before: ['10.0.0.0/8'], after: ['10.0.0.0/9', '11.0.0.0/8'], widened: true, narrowed: true },
    { before: ['10.0.0.0/8'], after: ['10.0.0.0/8', '10.1.0.0/16'], widened: false, narrowed: false },
  ])('$before to $after: widened $widened, narrowed $narrowed', ({ before, after, ...difference }) => {
    expect(compareRanges('IPv4', before?.map(constantCidr), after?.map(constantCidr))).toEqual(difference);
  });
});
