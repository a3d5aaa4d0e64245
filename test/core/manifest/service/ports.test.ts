import { describe, expect, it } from 'vitest';
import { readServicePorts } from '../../../../src/core/manifest/service/ports.ts';
import { newReport, said } from '../fixtures.ts';

function read(ports: unknown, mayHaveNodePorts = true) {
  const report = newReport();
  const result = readServicePorts(report, { ports }, mayHaveNodePorts);
  expect(report.at).toEqual([]);
  return { ports: result, said: said(report) };
}

const http = { name: 'http', port: 80 };
const tcp = { name: 'http', protocol: 'TCP', port: 80 };

describe('readServicePorts', () => {
  it('fills in defaults', () => {
    expect(read([{ port: 80 }])).toEqual({ ports: [{ name: '', protocol: 'TCP', port: 80 }], said: [] });
    expect(read([{ port: 80, nodePort: 0, name: null, protocol: '' }]).ports).toEqual([
      { name: '', protocol: 'TCP', port: 80 },
    ]);
  });

  it('keeps what is written', () => {
    expect(read([{ name: 'dns', protocol: 'UDP', port: 53, nodePort: 30_053, targetPort: 'x' }]).ports).toEqual([
      { name: 'dns', protocol: 'UDP', port: 53, nodePort: 30_053 },
    ]);
  });

  it('takes the same number for different protocols', () => {
    const ports = [
      { name: 'dns', protocol: 'UDP', port: 53, nodePort: 30_053 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53, nodePort: 30_053 },
    ];
    expect(read(ports)).toEqual({ ports, said: [] });
  });

  it.each([
    ['a bad number', [{ name: 'x', port: 0 }, http], ['error number-invalid ports[0].port']],
    ['no number', [{ name: 'x' }, http], ['error field-missing ports[0].port']],
    ['a bad protocol', [{ name: 'x', port: 1, protocol: 'tcp' }, http], ['error value-unknown ports[0].protocol']],
    ['a bad name', [{ name: 'X', port: 1 }, http], ['error name-invalid ports[0].name']],
    ['no object', [null, http], ['error wrong-type ports[0]']],
    ['the same name', [http, { name: 'http', port: 81 }], ['error port-duplicate ports[1].name']],
    ['the same number', [http, { name: 'web', port: 80 }], ['error port-duplicate ports[1].port']],
    ['no name', [{ port: 81 }, http], ['error port-unnamed ports[0].name']],
  ])('leaves out a port with %s, and keeps the other', (_, ports, diagnostics) => {
    expect(read(ports)).toEqual({ ports: [tcp], said: diagnostics });
  });

  it('leaves out several ports without names', () => {
    expect(read([{ port: 80 }, { port: 81 }])).toEqual({
      ports: [],
      said: ['error port-unnamed ports[0].name', 'error port-unnamed ports[1].name'],
    });
  });

  it('keeps a port without a name that is alone after all', () => {
    expect(read([{ port: 70_000 }, { port: 80 }]).ports).toEqual([{ name: '', protocol: 'TCP', port: 80 }]);
  });

  it('keeps the port when only its NodePort is bad', () => {
    expect(read([{ ...http, nodePort: 70_000 }])).toEqual({
      ports: [tcp],
      said: ['error number-invalid ports[0].nodePort'],
    });
    expect(read([{ ...http, nodePort: 30_080 }], false)).toEqual({
      ports: [{ ...tcp, nodePort: 30_080 }],
      said: ['warning node-port-forbidden ports[0].nodePort'],
    });
  });

  it('gives a NodePort to the first that asks', () => {
    const result = read([
      { ...http, nodePort: 30_080 },
      { name: 'web', port: 81, nodePort: 30_080 },
      { name: 'udp', port: 81, protocol: 'UDP', nodePort: 30_080 },
    ]);
    expect(result.ports.map(({ name, nodePort }) => [name, nodePort])).toEqual([
      ['http', 30_080],
      ['web', undefined],
      ['udp', 30_080],
    ]);
    expect(result.said).toEqual(['error port-duplicate ports[1].nodePort']);
  });

  it('warns of a Service without ports', () => {
    expect(read(undefined)).toEqual({ ports: [], said: ['warning field-missing ports'] });
  });
});
