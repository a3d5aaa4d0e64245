import { describe, expect, it } from 'vitest';
import { isForOthers, readLabel, readMetadata } from '../../../src/core/manifest/metadata.ts';
import { newReport, said } from './fixtures.ts';

describe('readMetadata', () => {
  it('reads names, labels and age', () => {
    const metadata = { name: 'web', namespace: 'shop', labels: { a: 'b' }, creationTimestamp: '2026-11-23T04:56:37Z' };
    expect(readMetadata(newReport(), { metadata }, 'label')).toEqual({
      namespace: 'shop',
      name: 'web',
      labels: { a: 'b' },
      createdAtMs: Date.UTC(2026, 10, 23, 4, 56, 37),
    });
  });

  it('takes the namespace default, no labels and no age when nothing is said', () => {
    const metadata = { name: 'web', creationTimestamp: null };
    expect(readMetadata(newReport(), { metadata }, 'label')).toEqual({
      namespace: 'default',
      name: 'web',
      labels: {},
      createdAtMs: undefined,
    });
  });

  it.each([
    [undefined, 'error field-missing metadata.name'],
    [{ name: '' }, 'error field-missing metadata.name'],
    [{ name: 'a.b' }, 'error name-invalid metadata.name'],
    [{ name: 'web', namespace: 'Shop' }, 'error name-invalid metadata.namespace'],
    [{ name: 'web', labels: [] }, 'error wrong-type metadata.labels'],
    ['web', 'error wrong-type metadata'],
  ])('%j: %s', (metadata, diagnostic) => {
    const report = newReport();
    expect(readMetadata(report, { metadata }, 'label')).toBeUndefined();
    expect(said(report)).toEqual([diagnostic]);
    expect(report.at).toEqual([]);
  });

  it('allows dots where the kind does', () => {
    expect(readMetadata(newReport(), { metadata: { name: 'a.b' } }, 'subdomain')?.name).toBe('a.b');
  });

  it('does without an age it cannot read', () => {
    const report = newReport();
    expect(readMetadata(report, { metadata: { name: 'web', creationTimestamp: '23.11.2026' } }, 'label')).toMatchObject(
      {
        createdAtMs: undefined,
      },
    );
    expect(said(report)).toEqual(['warning timestamp-invalid metadata.creationTimestamp']);
  });
});

describe('labels', () => {
  it.each([
    ['Service', { 'service.kubernetes.io/service-proxy-name': 'other' }, true],
    ['Service', { 'service.kubernetes.io/service-proxy-name': '' }, true],
    ['Service', { 'service.kubernetes.io/headless': '' }, false],
    ['EndpointSlice', { 'service.kubernetes.io/headless': '' }, true],
    ['EndpointSlice', { 'service.kubernetes.io/headless': null }, true],
    ['EndpointSlice', { 'service.kubernetes.io/service-proxy-name': 'other' }, false],
    ['Service', { 'service.kubernetes.io/other': '' }, false],
    ['Service', {}, false],
  ] as const)('a %s with the labels %j is for other proxies: %s', (kind, labels, others) => {
    const report = newReport();
    expect(isForOthers(report, labels, kind)).toBe(others);
    expect(said(report)).toEqual([]);
  });

  it('are not inherited', () => {
    const labels = Object.create({ 'service.kubernetes.io/headless': '' });
    expect(isForOthers(newReport(), labels, 'EndpointSlice')).toBe(false);
  });

  it('are read by name', () => {
    const report = newReport();
    expect(readLabel(report, { zone: 'a' }, 'zone', 'labelValue')).toBe('a');
    expect(readLabel(report, {}, 'zone', 'labelValue')).toBe('');
    expect(readLabel(report, { 'x.io/zone': 'a b' }, 'x.io/zone', 'labelValue')).toBeUndefined();
    expect(said(report)).toEqual(['error name-invalid metadata.labels[x.io/zone]']);
  });
});
