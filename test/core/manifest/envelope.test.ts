import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/core/manifest/envelope.ts';

describe('classify', () => {
  it.each([
    ['v1', 'Service', 'Service'],
    ['v1', 'Node', 'Node'],
    ['discovery.k8s.io/v1', 'EndpointSlice', 'EndpointSlice'],
    ['networking.k8s.io/v1', 'ServiceCIDR', 'ServiceCIDR'],
  ])('%s %s is an object', (apiVersion, kind, known) => {
    expect(classify({ apiVersion, kind }, undefined)).toEqual({ is: 'object', kind: known });
  });

  it.each([
    ['v1', 'List', undefined],
    ['v1', 'ServiceList', 'Service'],
    ['v1', 'NodeList', 'Node'],
    ['discovery.k8s.io/v1', 'EndpointSliceList', 'EndpointSlice'],
    ['networking.k8s.io/v1', 'ServiceCIDRList', 'ServiceCIDR'],
  ])('%s %s is a list of %s', (apiVersion, kind, listed) => {
    expect(classify({ apiVersion, kind }, undefined)).toMatchObject({ is: 'list', listed });
  });

  it('items of a typed list need no kind', () => {
    expect(classify({}, 'Node')).toEqual({ is: 'object', kind: 'Node' });
    expect(classify(null, 'Node')).toMatchObject({ is: 'refused', complaint: { code: 'not-an-object' } });
  });

  it.each([
    [[], 'not-an-object'],
    ['text', 'not-an-object'],
    [{ apiVersion: 'v1' }, 'kind-missing'],
    [{ apiVersion: 'v1', kind: '' }, 'kind-missing'],
    [{ apiVersion: 'v1', kind: 'Pod' }, 'kind-ignored'],
    [{ apiVersion: 'v1', kind: 'PodList' }, 'kind-ignored'],
    [{ apiVersion: 'serving.knative.dev/v1', kind: 'Service' }, 'kind-ignored'],
    [{ kind: 'Service' }, 'api-version'],
    [{ apiVersion: 'v2', kind: 'Service' }, 'api-version'],
    [{ apiVersion: 'apps/v1', kind: 'Service' }, 'api-version'],
    [{ apiVersion: 'discovery.k8s.io/v1beta1', kind: 'EndpointSlice' }, 'api-version'],
    [{ apiVersion: 'v1', kind: 'EndpointSliceList' }, 'api-version'],
    [{ apiVersion: 'v1', kind: 'Status', message: 'Unauthorized' }, 'api-error'],
  ])('%j is refused: %s', (json, code) => {
    expect(classify(json, undefined)).toMatchObject({ is: 'refused', complaint: { code } });
  });
});
