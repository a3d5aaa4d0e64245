import { describe, expect, it } from 'vitest';
import { apiVersionOf, isNamespaced, isOtherGroup, itemKind, knownKind } from '../../../src/core/manifest/kinds.ts';

describe('kinds', () => {
  it.each(['constructor', '__proto__', 'service', 'Services', ''])('%j is none', (kind) => {
    expect(knownKind(kind)).toBeUndefined();
  });

  it.each([
    ['ServiceList', 'Service'],
    ['ServiceCIDRList', 'ServiceCIDR'],
    ['Service', undefined],
    ['List', undefined],
    ['PodList', undefined],
    ['ListService', undefined],
  ])('the items of %s are %s', (listKind, kind) => {
    expect(itemKind(listKind)).toBe(kind);
  });

  it('have a version and a scope', () => {
    expect([apiVersionOf('EndpointSlice'), isNamespaced('EndpointSlice')]).toEqual(['discovery.k8s.io/v1', true]);
    expect([apiVersionOf('Node'), isNamespaced('Node')]).toEqual(['v1', false]);
    expect(apiVersionOf(undefined)).toBe('v1');
  });

  it.each([
    ['v1', false],
    ['v2', false],
    ['apps/v1', false],
    ['networking.k8s.io/v1', false],
    ['serving.knative.dev/v1', true],
    ['cluster.x-k8s.io/v1beta1', true],
    ['a.b', false],
    [7, false],
    [undefined, false],
  ])('%s is of another group: %s', (apiVersion, other) => {
    expect(isOtherGroup(apiVersion)).toBe(other);
  });
});
