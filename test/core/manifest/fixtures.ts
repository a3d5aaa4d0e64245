import { type LocatedDiagnostic, type Report, startReport } from '../../../src/core/manifest/report.ts';

type Json = Readonly<Record<string, unknown>>;

/** A report on an object called `shop/web`. */
export function newReport(): Report {
  return startReport('Service', { metadata: { namespace: 'shop', name: 'web' } }, []);
}

/** The report's diagnostics, each as `severity code field`. */
export function said(report: { readonly diagnostics: readonly LocatedDiagnostic[] }): readonly string[] {
  return report.diagnostics.map(({ severity, code, field }) => `${severity} ${code} ${field}`.trim());
}

/** A Service that is as the API serves it, but for `spec`. */
export function serviceJson(spec: Json = {}, rest: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80 }], ...spec },
    ...rest,
  };
}

export function sliceJson(rest: Json = {}): Json {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [{ addresses: ['10.128.0.1'] }],
    ...rest,
  };
}
