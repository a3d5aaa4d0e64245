import { describe, expect, it } from 'vitest';
import { readLegacyCidr } from '../../../src/core/manifest/legacy-cidr.ts';

describe('readLegacyCidr', () => {
  // As Go's net.ParseCIDR did before 1.17, and k8s.io/utils/net ParseCIDRSloppy does.
  it.each([
    ['010.000.000.001/08', '10.0.0.0/8'],
    ['192.168.001.000/24', '192.168.1.0/24'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::FFFF:10.0.0.1/128', '10.0.0.1/32'],
    ['::ffff:0.0.0.0/96', '0.0.0.0/0'],
    ['::ffff:a00:1/120', '10.0.0.0/24'],
    ['203.0.113.000/025', '203.0.113.0/25'],
    ['fd00::0001:00002/0112', 'fd00::1:0/112'],
  ])('%s is %s', (text, cidr) => {
    expect(readLegacyCidr(text)).toBe(cidr);
  });

  it.each([
    '256.0.0.0/8',
    '10.0.0.0/33',
    '::ffff:10.0.0.0/95',
    '10.0.0/8',
    '10.0.0.0',
    'x',
    ' 10.0.0.0/8',
    '0x0a.0.0.0/8',
  ])('%j is none', (text) => {
    expect(readLegacyCidr(text)).toBeUndefined();
  });
});
