/**
 * Finds misspelt fields. The API server drops a field that it does not know, so that `loadBalancerSourceRange`
 * restricts nothing: a warning names the field that was meant. The fields are those of Kubernetes 1.36; a test compares
 * them with the generated client.
 */
import type { JsonPath } from '../structures/json-path.ts';
import { nearestName } from '../structures/nearest.ts';
import { quote } from '../structures/safe-text.ts';
import type { KnownKind } from './kinds.ts';
import { complain, finishReport, type LocatedDiagnostic, type Report, startReport } from './report.ts';
import { get, isFields, none } from './value.ts';

/** The fields of an object, or of each item of a list, and the form of those that have one. */
export interface FieldShape {
  readonly names: ReadonlySet<string>;
  readonly inner: readonly (readonly [name: string, shape: FieldShape])[];
}

/** `names`: fields of any form, such as labels and numbers. */
function shape(names: string, inner: Readonly<Record<string, FieldShape>> = {}): FieldShape {
  const all = [...names.split(' ').filter((name) => name !== ''), ...Object.keys(inner)];
  return { names: new Set(all), inner: Object.entries(inner) };
}

const metadata = shape(
  'annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation ' +
    'labels name namespace resourceVersion selfLink uid',
  {
    managedFields: shape('apiVersion fieldsType fieldsV1 manager operation subresource time'),
    ownerReferences: shape('apiVersion blockOwnerDeletion controller kind name uid'),
  },
);

const serviceSpec = shape(
  'allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy ' +
    'healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP ' +
    'loadBalancerSourceRanges publishNotReadyAddresses selector sessionAffinity trafficDistribution type',
  {
    ports: shape('appProtocol name nodePort port protocol targetPort'),
    sessionAffinityConfig: shape('', { clientIP: shape('timeoutSeconds') }),
  },
);

const serviceStatus = shape('', {
  conditions: shape('lastTransitionTime message observedGeneration reason status type'),
  loadBalancer: shape('', { ingress: shape('hostname ip ipMode', { ports: shape('error port protocol') }) }),
});

const endpoint = shape('addresses deprecatedTopology hostname nodeName zone', {
  conditions: shape('ready serving terminating'),
  hints: shape('', { forNodes: shape('name'), forZones: shape('name') }),
  targetRef: shape('apiVersion fieldPath kind name namespace resourceVersion uid'),
});

/** Of the kinds that people write or that decide who gets in. */
export const shapes: Readonly<Partial<Record<KnownKind, FieldShape>>> = {
  Service: shape('apiVersion kind', { metadata, spec: serviceSpec, status: serviceStatus }),
  EndpointSlice: shape('addressType apiVersion kind', {
    metadata,
    endpoints: endpoint,
    ports: shape('appProtocol name port protocol'),
  }),
};

/** A warning for each field of the object that Kubernetes does not have. */
export function misspeltFields(kind: KnownKind, json: unknown, path: JsonPath): readonly LocatedDiagnostic[] {
  const wanted = shapes[kind];
  if (wanted === undefined) return none;
  const report = startReport(kind, json, path);
  look(report, json, wanted);
  return finishReport(report);
}

/** Called for each of 100,000 endpoints: nothing is made here unless a field is unknown. */
function look(report: Report, value: unknown, wanted: FieldShape): void {
  if (Array.isArray(value)) {
    report.at.push(0);
    for (let index = 0; index < value.length; index += 1) {
      report.at[report.at.length - 1] = index;
      if (isFields(value[index])) look(report, value[index], wanted);
    }
    report.at.pop();
    return;
  }
  if (!isFields(value)) return;
  const keys = Object.keys(value);
  if (!keys.every((key) => wanted.names.has(key))) {
    // The same diagnostics whatever the order of keys.
    const unknown = keys.filter((key) => !wanted.names.has(key)).toSorted();
    for (const key of unknown) complainUnknown(report, key, wanted);
  }
  for (const [key, inner] of wanted.inner) {
    const field = get(value, key);
    if (field === undefined) continue;
    report.at.push(key);
    look(report, field, inner);
    report.at.pop();
  }
}

function complainUnknown(report: Report, key: string, wanted: FieldShape): void {
  const meant = nearestName(key, wanted.names);
  const where = report.at.filter((part) => typeof part === 'string').join('.');
  complain(report, {
    code: 'field-unknown',
    severity: 'warning',
    key,
    problem: `Kubernetes has no field ${quote(key)} ${where === '' ? 'here' : `in ${where}`} and ignores it`,
    remedy: meant === undefined ? 'Remove it' : `Write ${meant}`,
  });
}
