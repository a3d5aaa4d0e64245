/**
 * Finds misspelt fields. The API server drops a field that it does not know, so that `loadBalancerSourceRange`
 * restricts nothing: a warning names the field that was meant. The fields are those of Kubernetes 1.36; a test compares
 * them with the generated client.
 */
import type { JsonPath } from '../structures/json-path.ts';
import { nearestName } from '../structures/nearest.ts';
import { quote } from '../structures/safe-text.ts';
import type { KnownKind } from './kinds.ts';
import { complain, finishReport, type LocatedDiagnostic, type Report, startReport, within } from './report.ts';
import { get, isFields, none } from './value.ts';

/** The fields of an object, or of each item of a list. `any`: whatever is in it is not of a fixed form. */
export type FieldShape = { readonly [field: string]: FieldShape } | 'any';

function shape(names: string, inner: Readonly<Record<string, FieldShape>> = {}): Readonly<Record<string, FieldShape>> {
  return { ...Object.fromEntries(names.split(' ').map((name) => [name, 'any'])), ...inner };
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
    sessionAffinityConfig: { clientIP: shape('timeoutSeconds') },
  },
);

const serviceStatus = {
  conditions: shape('lastTransitionTime message observedGeneration reason status type'),
  loadBalancer: { ingress: shape('hostname ip ipMode', { ports: shape('error port protocol') }) },
};

const endpoint = shape('addresses deprecatedTopology hostname nodeName zone', {
  conditions: shape('ready serving terminating'),
  hints: { forNodes: shape('name'), forZones: shape('name') },
  targetRef: shape('apiVersion fieldPath kind name namespace resourceVersion uid'),
});

/** Of the kinds that people write or that decide who gets in. */
export const shapes: Readonly<Partial<Record<KnownKind, FieldShape>>> = {
  Service: { ...shape('apiVersion kind'), metadata, spec: serviceSpec, status: serviceStatus },
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

function look(report: Report, value: unknown, wanted: FieldShape): void {
  if (wanted === 'any') return;
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
  // The same diagnostics whatever the order of keys.
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(wanted, key));
  for (const key of unknown.toSorted()) complainUnknown(report, key, wanted);
  for (const [key, inner] of Object.entries(wanted)) {
    if (inner !== 'any') within(report, key, () => look(report, get(value, key), inner));
  }
}

function complainUnknown(report: Report, key: string, wanted: Readonly<Record<string, FieldShape>>): void {
  const meant = nearestName(key, Object.keys(wanted));
  const where = report.at.filter((part) => typeof part === 'string').join('.');
  complain(report, {
    code: 'field-unknown',
    severity: 'warning',
    key,
    problem: `Kubernetes has no field ${quote(key)} ${where === '' ? 'here' : `in ${where}`} and ignores it`,
    remedy: meant === undefined ? 'Remove it' : `Write ${meant}`,
  });
}
