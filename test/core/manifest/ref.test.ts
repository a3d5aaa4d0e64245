import { describe, expect, it } from 'vitest';
import { refOf } from '../../../src/core/manifest/ref.ts';

describe('refOf', () => {
  const web = { metadata: { name: 'web', namespace: 'shop' } };

  it.each([
    ['Service', web, 'items[0]', { kind: 'Service', namespace: 'shop', name: 'web' }],
    ['Service', { metadata: { name: 'web' } }, '', { kind: 'Service', namespace: 'default', name: 'web' }],
    ['Node', web, '', { kind: 'Node', name: 'web' }],
    ['Pod', web, '', { kind: 'Pod', namespace: 'shop', name: 'web' }],
    ['Pod', { metadata: { name: 'web' } }, '', { kind: 'Pod', name: 'web' }],
    ['Service', null, 'items[0]', { kind: 'Service', namespace: 'default', name: 'items[0]' }],
    ['Node', { metadata: { name: 7 } }, '', { kind: 'Node', name: '(unnamed)' }],
    ['\u202eNode', [], '', { kind: '\\u202eNode', name: '(unnamed)' }],
  ])('%s %j %s', (kind, json, place, ref) => {
    expect(refOf(kind, json, place)).toEqual(ref);
  });
});
