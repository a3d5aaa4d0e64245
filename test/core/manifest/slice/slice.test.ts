import { describe, expect, it } from 'vitest';
import { readEndpointSlice } from '../../../../src/core/manifest/manifest.ts';
import { said, sliceJson } from '../fixtures.ts';

const labelled = (labels: object) => ({ metadata: { name: 'web-1', labels } });
const serviceName = 'kubernetes.io/service-name';

describe('readEndpointSlice', () => {
  it('reads a slice as the API serves it', () => {
    const result = readEndpointSlice(
      sliceJson({
        addressType: 'IPv6',
        ports: [
          { name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' },
          { name: 'dns', port: 53, protocol: 'UDP' },
        ],
        endpoints: [{ addresses: ['fd00::1'], conditions: { ready: true }, nodeName: 'node-0', zone: 'zone-a' }],
      }),
    );
    expect(result).toEqual({
      diagnostics: [],
      object: {
        namespace: 'shop',
        name: 'web-1',
        serviceName: 'web',
        family: 'IPv6',
        ports: [
          { name: 'http', protocol: 'TCP', port: 8080 },
          { name: 'dns', protocol: 'UDP', port: 53 },
        ],
        endpoints: [
          {
            address: 'fd00::1',
            ready: true,
            serving: true,
            terminating: false,
            nodeName: 'node-0',
            zoneHints: [],
            nodeHints: [],
          },
        ],
      },
    });
    expect(Object.isFrozen(result.object)).toBe(true);
  });

  it.each([
    ['with domain names', sliceJson({ addressType: 'FQDN', endpoints: [{ addresses: ['example.org'] }] })],
    ['of a headless Service', sliceJson(labelled({ [serviceName]: 'web', 'service.kubernetes.io/headless': '' }))],
  ])('ignores a slice %s', (_, json) => {
    expect(readEndpointSlice(json)).toEqual({ diagnostics: [] });
  });

  it('takes a slice with the label of another proxy, as only its Service says who serves it', () => {
    const json = sliceJson(labelled({ [serviceName]: 'web', 'service.kubernetes.io/service-proxy-name': 'x' }));
    expect(readEndpointSlice(json)).toMatchObject({ object: { serviceName: 'web' }, diagnostics: [] });
  });

  it.each([
    [{ addressType: undefined }, 'error field-missing addressType'],
    [{ addressType: '' }, 'error field-missing addressType'],
    [{ addressType: 'IP' }, 'error value-unknown addressType'],
    [{ addressType: 4 }, 'error wrong-type addressType'],
    [labelled({}), 'warning service-name-missing metadata.labels'],
    [labelled({ [serviceName]: '' }), 'warning service-name-missing metadata.labels'],
    [labelled({ [serviceName]: 'A b' }), 'error name-invalid metadata.labels[kubernetes.io/service-name]'],
  ])('leaves out a slice with %j: %s', (rest, diagnostic) => {
    const result = readEndpointSlice(sliceJson(rest));
    expect(result.object).toBeUndefined();
    expect(said(result)).toEqual([diagnostic]);
  });

  it.each([null, undefined, []])('has nothing in ports and endpoints %j', (list) => {
    const result = readEndpointSlice(sliceJson({ ports: list, endpoints: list }));
    expect(result.object).toMatchObject({ ports: [], endpoints: [] });
    expect(result.diagnostics).toEqual([]);
  });

  it('skips ports without a number silently, and bad ones with an error', () => {
    const ports = [
      { port: null },
      { port: 0 },
      { name: 'a' },
      { port: 65_536 },
      { port: 1, protocol: 'x' },
      { port: 80 },
    ];
    const result = readEndpointSlice(sliceJson({ ports }));
    expect(result.object?.ports).toEqual([{ name: '', protocol: 'TCP', port: 80 }]);
    expect(said(result)).toEqual(['error number-invalid ports[3].port', 'error value-unknown ports[4].protocol']);
  });

  it('leaves out bad endpoints alone', () => {
    const endpoints = [{ addresses: [] }, { addresses: ['10.0.0.1'] }, null];
    const result = readEndpointSlice(sliceJson({ endpoints }), ['items', 7]);
    expect(result.object?.endpoints.map(({ address }) => address)).toEqual(['10.0.0.1']);
    expect(said(result)).toEqual(['error field-missing endpoints[0].addresses', 'error wrong-type endpoints[2]']);
    expect(result.diagnostics[0]?.path).toEqual(['items', 7, 'endpoints', 0, 'addresses']);
  });
});
