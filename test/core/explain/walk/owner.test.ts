import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../../../src/core/explain/walk/owner.ts';

describe('the Service of a rule', () => {
  const step = { table: 'nat', chain: 'KUBE-SERVICES', rule: 0 } as const;
  it.each([
    [step, 'team/web:http cluster IP', undefined, 'team/web:http'],
    [step, 'route pod traffic for team/web external destinations', undefined, 'team/web'],
    [step, 'kubernetes service portals', undefined, undefined],
    [step, 'helper for @no-endpoint-services / @no-endpoint-nodeports', undefined, undefined],
    [{ ...step, chain: 'KUBE-SVC-AAAA' }, undefined, 'team/web', 'team/web'],
    [{ ...step, chain: 'KUBE-POSTROUTING' }, undefined, 'team/web', undefined],
    [{ ...step, table: '', chain: 'service-ULMVA6XW-ns1/svc1/tcp/p80' }, undefined, undefined, 'ns1/svc1:p80'],
    [{ ...step, table: '', chain: 'endpoint-ULMVA6XW-ns1/svc1/tcp/__10.0.0.1/80' }, undefined, undefined, 'ns1/svc1'],
    [{ ...step, element: '10.0.0.1 . tcp . 80 : goto external-ULMVA6XW-a/b/tcp/c' }, undefined, undefined, 'a/b:c'],
    [{ ...step, owner: 'team/web:http TCP' }, undefined, undefined, 'team/web:http'],
  ])('%j, %s', (one, comment, before, owner) => {
    expect(ownerOf(one, comment, before)).toBe(owner);
  });
});
