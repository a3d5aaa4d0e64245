import { describe, expect, it } from 'vitest';
import { readCidr, readNodeAddress, readUnicast, readVirtualIp } from '../../../src/core/manifest/addresses.ts';
import { newReport, said } from './fixtures.ts';

describe('readUnicast', () => {
  it.each(['10.0.0.1', '126.255.255.255', '128.0.0.1', '169.253.0.1', '223.255.255.255', '240.0.0.1', '0.0.0.1'])(
    'takes %s',
    (text) => {
      expect(readUnicast(newReport(), text)).toBe(text);
    },
  );

  it.each([
    ['FD00:0:0::1', 'fd00::1'],
    ['fe8::1', 'fe8::1'],
    ['fec0::1', 'fec0::1'],
    ['ff::1', 'ff::1'],
    ['::2', '::2'],
  ])('takes %s as %s', (text, address) => {
    expect(readUnicast(newReport(), text)).toBe(address);
  });

  it.each([
    ['0.0.0.0', 'an unspecified'],
    ['::', 'an unspecified'],
    ['127.0.0.1', 'a loopback'],
    ['127.255.0.0', 'a loopback'],
    ['::1', 'a loopback'],
    ['169.254.0.1', 'a link-local'],
    ['fe80::1', 'a link-local'],
    ['febf::1', 'a link-local'],
    ['224.0.0.1', 'a multicast'],
    ['239.255.255.255', 'a multicast'],
    ['ff02::1', 'a multicast'],
  ])('refuses %s, %s address', (text, use) => {
    const report = newReport();
    expect(readUnicast(report, text)).toBeUndefined();
    expect(report.diagnostics[0]?.problem).toContain(`${text} is ${use} address`);
  });

  it.each([
    ['010.0.0.256', 'error address-invalid'],
    ['::ffff:10.0.0.1%eth0', 'error address-invalid'],
    ['127.1', 'error address-invalid'],
    ['', 'error address-invalid'],
    [10, 'error wrong-type'],
    [null, 'error wrong-type'],
  ])('refuses %j: %s', (value, diagnostic) => {
    const report = newReport();
    expect(readUnicast(report, value)).toBeUndefined();
    expect(said(report)).toEqual([diagnostic]);
  });
});

describe('outdated forms', () => {
  it.each([
    ['010.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['fd00::00001', 'fd00::1'],
  ])('%s is the address %s, with a warning', (text, address) => {
    for (const read of [readUnicast, readVirtualIp, readNodeAddress]) {
      const report = newReport();
      expect(read(report, text)).toBe(address);
      expect(report.diagnostics).toMatchObject([
        { code: 'address-legacy', severity: 'warning', remedy: `Write ${address}` },
      ]);
    }
  });

  it('does not hide a special address', () => {
    const report = newReport();
    expect(readUnicast(report, '::ffff:127.0.0.1')).toBeUndefined();
    expect(said(report)).toEqual(['warning address-legacy', 'error address-special']);
  });

  it('203.0.113.000/025 is a block, with a warning', () => {
    const report = newReport();
    expect(readCidr(report, '203.0.113.000/025')).toBe('203.0.113.0/25');
    expect(said(report)).toEqual(['warning cidr-legacy']);
  });
});

describe('readVirtualIp', () => {
  it.each(['169.254.10.1', 'fe80::1', '10.0.0.1'])('takes %s', (text) => {
    expect(readVirtualIp(newReport(), text)).toBe(text);
  });

  it.each(['0.0.0.0', '::', '127.0.0.1', '::1', '224.0.0.1', 'ff02::1'])('refuses %s', (text) => {
    const report = newReport();
    expect(readVirtualIp(report, text)).toBeUndefined();
    expect(said(report)).toEqual(['error address-special']);
  });
});

describe('readNodeAddress', () => {
  it.each(['127.0.0.1', 'fe80::1', '10.0.0.1'])('takes %s', (text) => {
    expect(readNodeAddress(newReport(), text)).toBe(text);
  });

  it.each(['0.0.0.0', '::', '224.0.0.1', 'ff02::1'])('refuses %s', (text) => {
    const report = newReport();
    expect(readNodeAddress(report, text)).toBeUndefined();
    expect(said(report)).toEqual(['error address-special']);
  });
});

describe('readCidr', () => {
  it('clears host bits', () => {
    expect(readCidr(newReport(), '10.1.2.3/8')).toBe('10.0.0.0/8');
  });

  it.each([
    ['10.0.0.0/33', 'error cidr-invalid'],
    ['10.0.0.0', 'error cidr-invalid'],
    [8, 'error wrong-type'],
  ])('refuses %j: %s', (value, diagnostic) => {
    const report = newReport();
    expect(readCidr(report, value)).toBeUndefined();
    expect(said(report)).toEqual([diagnostic]);
  });
});
