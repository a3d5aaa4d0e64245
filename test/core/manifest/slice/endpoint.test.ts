import { describe, expect, it } from 'vitest';
import { readIpv4Endpoint, readIpv6Endpoint } from '../../../../src/core/manifest/slice/endpoint.ts';
import { newReport, said } from '../fixtures.ts';

const address = '10.128.0.1';

function read(endpoint: unknown) {
  const report = newReport();
  const object = readIpv4Endpoint(report, endpoint);
  expect(report.at).toEqual([]);
  return { object, said: said(report) };
}

describe('conditions', () => {
  it.each([
    [undefined, true, true, false],
    [{}, true, true, false],
    [{ ready: null, serving: null, terminating: null }, true, true, false],
    [{ ready: true }, true, true, false],
    [{ ready: false }, false, true, false],
    [{ ready: false, serving: true, terminating: true }, false, true, true],
    [{ ready: false, terminating: true }, false, true, true],
    [{ ready: true, serving: false }, true, false, false],
    [{ serving: false }, true, false, false],
  ])('%j: ready %s, serving %s, terminating %s', (conditions, ready, serving, terminating) => {
    const { object } = read({ addresses: [address], conditions });
    expect(object).toMatchObject({ ready, serving, terminating });
  });

  it('leave the endpoint out when they cannot be read', () => {
    expect(read({ addresses: [address], conditions: { ready: 'no' } })).toEqual({
      object: undefined,
      said: ['error wrong-type conditions.ready'],
    });
    expect(read({ addresses: [address], conditions: true })).toEqual({
      object: undefined,
      said: ['error wrong-type conditions'],
    });
  });
});

describe('addresses', () => {
  it('count by the first alone', () => {
    const { object, said: diagnostics } = read({ addresses: [address, 'nonsense', 7] });
    expect([object?.address, diagnostics]).toEqual([address, []]);
  });

  it.each(['010.128.000.001', '::ffff:10.128.0.1'])('are read from the outdated form %s', (text) => {
    const { object, said: diagnostics } = read({ addresses: [text] });
    expect([object?.address, diagnostics]).toEqual(['10.128.0.1', ['warning address-legacy addresses[0]']]);
  });

  it.each([
    [undefined, 'error field-missing addresses'],
    [[], 'error field-missing addresses'],
    ['10.128.0.1', 'error wrong-type addresses'],
    [['10.128.0.0.1'], 'error address-invalid addresses[0]'],
    [['fd00::1'], 'error address-family addresses[0]'],
    [['127.0.0.1'], 'error address-special addresses[0]'],
  ])('%j: %s', (addresses, diagnostic) => {
    expect(read({ addresses })).toEqual({ object: undefined, said: [diagnostic] });
  });

  it('are of the family of the slice', () => {
    expect(readIpv6Endpoint(newReport(), { addresses: ['FD00::1'] })?.address).toBe('fd00::1');
    expect(readIpv6Endpoint(newReport(), { addresses: [address] })).toBeUndefined();
  });
});

describe('node and hints', () => {
  it('are kept', () => {
    const { object } = read({
      addresses: [address],
      nodeName: 'node-0.example.org',
      hints: { forZones: [{ name: 'zone-a' }, { name: 'zone-a' }, { name: 'B_1' }], forNodes: [{ name: 'node-0' }] },
    });
    expect(object).toMatchObject({
      nodeName: 'node-0.example.org',
      zoneHints: ['zone-a', 'B_1'],
      nodeHints: ['node-0'],
    });
  });

  it('are unknown when absent, and hints share one empty list', () => {
    const { object } = read({ addresses: [address], nodeName: null, hints: null });
    expect(object).not.toHaveProperty('nodeName');
    expect(object?.zoneHints).toBe(object?.nodeHints);
    expect(Object.isFrozen(object?.zoneHints)).toBe(true);
  });

  it('are unknown when bad, and the endpoint stays', () => {
    const { object, said: diagnostics } = read({
      addresses: [address],
      nodeName: 'Node 0',
      hints: { forZones: [{ name: 'a b' }, { name: '' }, { name: 'zone-a' }], forNodes: 'node-0' },
    });
    expect(object).toMatchObject({ address, zoneHints: ['zone-a'], nodeHints: [] });
    expect(object).not.toHaveProperty('nodeName');
    expect(diagnostics).toEqual([
      'error name-invalid nodeName',
      'error name-invalid hints.forZones[0].name',
      'error field-missing hints.forZones[1].name',
      'error wrong-type hints.forNodes',
    ]);
  });
});
