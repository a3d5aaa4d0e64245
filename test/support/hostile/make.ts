/** How hostile objects are made: a good object with one thing wrong. */

export interface HostileObject {
  readonly title: string;
  /** The diagnostic that must come, and the field it must name. */
  readonly code: string;
  readonly field: string;
  /** What the diagnostic must call the object; its place where it has no name. */
  readonly name: string;
  /** A function, because some are 10 MB and some are cyclic. */
  readonly make: () => unknown;
}

/** Where `hostileList` puts the hostile object. */
export const hostileIndex = 1;

/** How diagnostics call the hostile object when it has no name. */
export const here = `items[${hostileIndex}]`;

export type Json = Readonly<Record<string, unknown>>;

export const huge = () => 'a'.repeat(10_000_000);
export const million = (item: unknown) => () => new Array<unknown>(1_000_000).fill(item);

/** Own `__proto__` keys, as JSON.parse makes them. */
export const withProto = (text: string): unknown => JSON.parse(text);

export function serviceWith(spec: Json, rest: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hostile', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.66', ports: [{ name: 'http', port: 80 }], ...spec },
    ...rest,
  };
}

export function sliceWith(rest: Json): Json {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'hostile', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'good' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [{ addresses: ['10.128.0.66'] }],
    ...rest,
  };
}

export function nodeWith(rest: Json): Json {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'hostile' }, ...rest };
}

export const serviceCidrWith = (spec: unknown): Json => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'hostile' },
  spec,
});

/** `spec` may be a function where it is too big to keep. */
export function inSpec(
  title: string,
  [code, field]: readonly [string, string],
  spec: Json | (() => Json),
): HostileObject {
  const make = () => serviceWith(typeof spec === 'function' ? spec() : spec);
  return { title: `Service: ${title}`, code, field: `spec.${field}`, name: 'hostile', make };
}

export function inPort(title: string, code: string, [key, value]: readonly [string, unknown]): HostileObject {
  const port = { name: 'http', port: 80, [key]: value };
  return inSpec(title, [code, `ports[0].${key}`], { type: 'NodePort', ports: [port] });
}

export function inIngress(title: string, [code, field]: readonly [string, string], ingress: unknown): HostileObject {
  const make = () => serviceWith({ type: 'LoadBalancer' }, { status: { loadBalancer: { ingress } } });
  return { title: `Service: ${title}`, code, field: `status.loadBalancer.ingress${field}`, name: 'hostile', make };
}

export function inSlice(
  title: string,
  [code, field]: readonly [string, string],
  rest: Json | (() => Json),
): HostileObject {
  const make = () => sliceWith(typeof rest === 'function' ? rest() : rest);
  return { title: `EndpointSlice: ${title}`, code, field, name: 'hostile', make };
}

export function inEndpoint(title: string, [code, field]: readonly [string, string], endpoint: unknown): HostileObject {
  const whole = typeof endpoint === 'object' && endpoint !== null && !Array.isArray(endpoint);
  const item = whole ? { addresses: ['10.128.0.66'], ...endpoint } : endpoint;
  return inSlice(title, [code, `endpoints[0]${field}`], { endpoints: [item] });
}

/** A name that cannot be one, in a Service that is otherwise good; `shown` is what diagnostics make of it. */
export function named(title: string, name: unknown, shown: string): HostileObject {
  const code = typeof name === 'string' ? 'name-invalid' : 'wrong-type';
  const make = () => serviceWith({}, { metadata: { name, namespace: 'shop' } });
  return { title: `Service called ${title}`, code, field: 'metadata.name', name: shown, make };
}

export function whole(title: string, expected: readonly [string, string, string], make: () => unknown): HostileObject {
  const [code, field, name] = expected;
  return { title, code, field, name, make };
}
