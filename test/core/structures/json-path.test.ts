import { describe, expect, it } from 'vitest';
import { formatPath, type JsonPath, parsePath } from '../../../src/core/structures/json-path.ts';

const cases: readonly (readonly [JsonPath, string])[] = [
  [[], ''],
  [['spec'], 'spec'],
  [['spec', 'ports', 0, 'port'], 'spec.ports[0].port'],
  [['items', 3], 'items[3]'],
  [[3, 'x'], '[3].x'],
  [['metadata', 'labels', 'kubernetes.io/service-name'], 'metadata.labels[kubernetes.io/service-name]'],
];

describe('formatPath', () => {
  it.each(cases)('%j is %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe('parsePath', () => {
  it.each(cases)('reads %j from %s', (path, text) => {
    expect(parsePath(text)).toEqual(path);
  });
});
