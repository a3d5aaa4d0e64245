import {
  type HostileObject,
  here,
  type Json,
  million,
  nodeWith,
  serviceWith,
  sliceWith,
  whole,
  withProto,
} from './make.ts';

/** Things that are not the object, or the list, that they seem. */
export const envelopes: readonly HostileObject[] = [
  whole('nothing', ['not-an-object', '', here], () => null),
  whole('a text', ['not-an-object', '', here], () => 'kind: Service'),
  whole('a list', ['not-an-object', '', here], () => []),
  whole('deep lists', ['not-an-object', '', here], () => {
    let bomb: unknown = [];
    for (let depth = 0; depth < 100_000; depth += 1) bomb = [bomb];
    return bomb;
  }),
  whole('an empty object', ['kind-missing', 'kind', here], () => ({})),
  whole('a kind that is a number', ['kind-missing', 'kind', 'hostile'], () => serviceWith({}, { kind: 5 })),
  whole('a kind from a prototype', ['kind-missing', 'kind', here], () =>
    withProto('{"__proto__": {"kind": "Service", "apiVersion": "v1"}}'),
  ),
  whole('a kind called __proto__', ['kind-ignored', '', 'hostile'], () => serviceWith({}, { kind: '__proto__' })),
  whole('a kind called constructorList', ['kind-ignored', '', 'hostile'], () =>
    serviceWith({}, { kind: 'constructorList' }),
  ),
  whole('another kind', ['kind-ignored', '', 'hostile'], () => serviceWith({}, { kind: 'Deployment' })),
  whole('a Service of another group', ['kind-ignored', '', 'hostile'], () =>
    serviceWith({}, { apiVersion: 'serving.knative.dev/v1' }),
  ),
  whole('a Service of another version', ['api-version', 'apiVersion', 'hostile'], () =>
    serviceWith({}, { apiVersion: 'v2' }),
  ),
  whole('a Service without apiVersion', ['api-version', 'apiVersion', 'hostile'], () =>
    serviceWith({}, { apiVersion: undefined }),
  ),
  whole('a Service with a number for apiVersion', ['api-version', 'apiVersion', 'hostile'], () =>
    serviceWith({}, { apiVersion: 1 }),
  ),
  whole('an EndpointSlice of an old version', ['api-version', 'apiVersion', 'hostile'], () =>
    sliceWith({ apiVersion: 'discovery.k8s.io/v1beta1' }),
  ),
  whole('an error of the API server', ['api-error', '', here], () => ({
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    message: 'Unauthorized\u0007',
  })),
  whole('one page of a list', ['list-incomplete', 'metadata', `${here}`], () => ({
    apiVersion: 'v1',
    kind: 'List',
    metadata: { continue: 'more\u0007' },
    items: [],
  })),
  whole('a list that contains itself', ['list-nested', '', `${here}.items[0]`], () => {
    const list: { kind: string; apiVersion: string; items: unknown[] } = { kind: 'List', apiVersion: 'v1', items: [] };
    list.items.push(list);
    return list;
  }),
  whole('lists in lists in lists', ['list-nested', '', `${here}${'.items[0]'.repeat(7)}`], () => {
    let list: Json = serviceWith({});
    for (let depth = 0; depth < 100_000; depth += 1) list = { kind: 'List', apiVersion: 'v1', items: [list] };
    return list;
  }),
  whole('a list whose items are an object', ['wrong-type', 'items', here], () => ({
    apiVersion: 'v1',
    kind: 'List',
    items: { 0: serviceWith({}) },
  })),
  whole('a list of a million nulls', ['more-problems', '', here], () => ({
    apiVersion: 'v1',
    kind: 'List',
    items: million(null)(),
  })),
  whole('a typed list of another version', ['api-version', 'apiVersion', here], () => ({
    apiVersion: 'v2',
    kind: 'ServiceList',
    items: [],
  })),
  whole('a Node in a list of Services', ['kind-mismatch', 'kind', 'hostile'], () => ({
    apiVersion: 'v1',
    kind: 'ServiceList',
    items: [nodeWith({})],
  })),
];
