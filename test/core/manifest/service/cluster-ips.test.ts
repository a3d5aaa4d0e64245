import { describe, expect, it } from 'vitest';
import { isHeadless, readClusterIps } from '../../../../src/core/manifest/service/cluster-ips.ts';
import { newReport, said } from '../fixtures.ts';

const v4 = '10.96.0.1';
const v6 = 'fd00:96::1';

describe('isHeadless', () => {
  it.each([
    [{ clusterIP: 'None' }, true],
    [{ clusterIPs: ['None'] }, true],
    [{ clusterIP: 'none' }, false],
    [{ clusterIPs: [v4, 'None'] }, false],
    [{ clusterIPs: 'None' }, false],
    [{}, false],
  ])('%j: %s', (spec, headless) => {
    expect(isHeadless(spec)).toBe(headless);
  });
});

describe('readClusterIps', () => {
  it.each([
    ['only clusterIP', { clusterIP: v4 }, { IPv4: v4 }],
    ['only clusterIPs', { clusterIPs: [v6] }, { IPv6: v6 }],
    ['both families', { clusterIP: v6, clusterIPs: [v6, v4], ipFamilies: ['IPv6', 'IPv4'] }, { IPv4: v4, IPv6: v6 }],
    ['families inferred', { clusterIP: v4, clusterIPs: [v4, v6] }, { IPv4: v4, IPv6: v6 }],
    ['an empty list', { clusterIP: v4, clusterIPs: [], ipFamilies: [] }, { IPv4: v4 }],
    ['more families than addresses', { clusterIP: v4, ipFamilies: ['IPv4', 'IPv6'] }, { IPv4: v4 }],
  ])('%s', (_, spec, clusterIps) => {
    const report = newReport();
    expect(readClusterIps(report, spec)).toEqual(clusterIps);
    expect(said(report)).toEqual([]);
    expect(report.at).toEqual([]);
  });

  it.each([
    ['none yet', {}, undefined, ['warning cluster-ip-missing clusterIP']],
    ['empty text', { clusterIP: '', clusterIPs: [] }, undefined, ['warning cluster-ip-missing clusterIP']],
    ['no address', { clusterIP: 'auto' }, undefined, ['error address-invalid clusterIP']],
    ['a bad one of two', { clusterIPs: ['x', v6] }, { IPv6: v6 }, ['error address-invalid clusterIPs[0]']],
    ['None in the second place', { clusterIPs: [v4, 'None'] }, { IPv4: v4 }, ['error address-invalid clusterIPs[1]']],
    ['families swapped', { clusterIP: v4, ipFamilies: ['IPv6'] }, undefined, ['error address-family clusterIP']],
    [
      'an address without a family',
      { clusterIPs: [v4, v6], ipFamilies: ['IPv4'] },
      { IPv4: v4 },
      ['error address-family clusterIPs[1]'],
    ],
    [
      'an unknown family keeps the places of others',
      { clusterIPs: [v4, v6], ipFamilies: ['IPv5', 'IPv6'] },
      { IPv6: v6 },
      ['error value-unknown ipFamilies[0]', 'error address-family clusterIPs[0]'],
    ],
    ['two of a family', { clusterIPs: [v4, '10.96.0.2'] }, { IPv4: v4 }, ['error family-surplus clusterIPs[1]']],
    [
      'two that differ',
      { clusterIP: '10.96.0.2', clusterIPs: [v4] },
      { IPv4: v4 },
      ['warning cluster-ip-mismatch clusterIP'],
    ],
    ['a wrong type', { clusterIP: 1, clusterIPs: [v4] }, undefined, ['error wrong-type clusterIP']],
    ['a wrong list', { clusterIP: v4, clusterIPs: v4 }, undefined, ['error wrong-type clusterIPs']],
    [
      'a wrong family',
      { clusterIP: v4, ipFamilies: [4] },
      undefined,
      expect.arrayContaining(['error wrong-type ipFamilies[0]']),
    ],
  ])('complains of %s', (_, spec, clusterIps, diagnostics) => {
    const report = newReport();
    expect(readClusterIps(report, spec)).toEqual(clusterIps);
    expect(said(report)).toEqual(diagnostics);
    expect(report.at).toEqual([]);
  });
});
