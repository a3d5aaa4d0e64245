import { expect } from 'vitest';
import { familyOf } from '../../../../src/core/model/address.ts';
import type { EndpointSlice, Manifest, Service } from '../../../../src/core/model/objects.ts';

/** What every stage below relies on, whatever was read: nothing in the model could break out of a rule. */
export function expectCleanModel(manifests: readonly Manifest[]): void {
  for (const { kind, object } of manifests) {
    expect(Object.isFrozen(object)).toBe(true);
    expectCleanValues(object);
    if (kind === 'Service') expectCleanService(object);
    if (kind === 'EndpointSlice') expectCleanSlice(object);
  }
}

function expectCleanService(service: Service): void {
  const { IPv4, IPv6 } = service.clusterIps;
  expect(IPv4 === undefined ? IPv6 : IPv4).toBeDefined();
  if (IPv4 !== undefined) expect(familyOf(IPv4)).toBe('IPv4');
  if (IPv6 !== undefined) expect(familyOf(IPv6)).toBe('IPv6');
  for (const { port, nodePort } of service.ports) expectPorts(port, nodePort ?? 1);
  expectPorts(service.healthCheckNodePort ?? 1);
  const keys = service.ports.map((port) => `${port.port}/${port.protocol}`);
  const names = service.ports.map((port) => port.name);
  expect([new Set(keys).size, new Set(names).size]).toEqual([keys.length, names.length]);
}

function expectCleanSlice(slice: EndpointSlice): void {
  for (const { port } of slice.ports) expectPorts(port);
  for (const { address } of slice.endpoints) expect(familyOf(address)).toBe(slice.family);
}

function expectPorts(...ports: readonly number[]): void {
  for (const port of ports) expect(port >= 1 && port <= 65_535).toBe(true);
}

function expectCleanValues(value: unknown): void {
  if (typeof value === 'string') expect(value).toMatch(/^[-A-Za-z0-9_.:/]{0,253}$/);
  else if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) expectCleanValues(item);
  else expect(typeof value).toBe('boolean');
}
