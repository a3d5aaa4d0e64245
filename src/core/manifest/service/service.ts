/** Reads Services. A new field of `spec` is read in `readSpec`, by the readers of ../fields.ts. */
import type { Service, TrafficPolicy } from '../../model/objects.ts';
import type { JsonPath } from '../../structures/json-path.ts';
import { type Choice, readChoice, readInside, readInteger } from '../fields.ts';
import { isForOthers, readMetadata } from '../metadata.ts';
import { type ReadResult, readObject } from '../object.ts';
import type { Report } from '../report.ts';
import { get, type JsonFields } from '../value.ts';
import { isHeadless, readClusterIps } from './cluster-ips.ts';
import {
  complainOpenAddresses,
  readExternalIps,
  readLoadBalancerIps,
  readSourceRanges,
  type SourceRanges,
} from './external-addresses.ts';
import { maxPort, readServicePorts } from './ports.ts';

type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';

const serviceTypes: Choice<ServiceType> = {
  choices: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
  effect: 'the Service is left out',
};

/** An unknown policy leaves the Service out: Cluster as a guess could expose it, Local could cut it off. */
const trafficPolicies: Choice<TrafficPolicy> = { choices: ['Cluster', 'Local'], effect: 'the Service is left out' };

const affinities: Choice<'None' | 'ClientIP'> = { choices: ['None', 'ClientIP'], effect: 'there is no affinity' };

/** Kubernetes' bounds and default (three hours) for sessionAffinityConfig.clientIP.timeoutSeconds. */
const affinityTimeout = { min: 1, max: 86_400, absent: 10_800 };

/**
 * Reads a core/v1 Service. Headless, ExternalName and other proxies' Services give neither object nor diagnostics; the
 * label `service.kubernetes.io/headless` is for slices and says nothing about a Service.
 * `path` is where `json` is in the document, for the diagnostics.
 */
export function readService(json: unknown, path: JsonPath = []): ReadResult<Service> {
  return readObject('Service', json, path, readFieldsOfService);
}

function readFieldsOfService(report: Report, json: JsonFields): Service | undefined {
  const metadata = readMetadata(report, json, 'label');
  if (metadata === undefined || isForOthers(report, metadata.labels, 'Service')) return undefined;
  const parts = readInside(report, json, 'spec', (spec) => readSpec(report, spec));
  if (parts === undefined) return undefined;
  const { sourceRanges, ...settings } = parts;
  const loadBalancerIps = readLoadBalancerIps(report, json);
  complainOpenAddresses(report, { sourceRanges, loadBalancerIps, clusterIps: parts.clusterIps });
  const { namespace, name, createdAtMs } = metadata;
  return Object.freeze({
    namespace,
    name,
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
    ...settings,
    loadBalancerIps,
    loadBalancerSourceRanges: sourceRanges.ranges,
  });
}

type SpecParts = Omit<
  Service,
  'namespace' | 'name' | 'createdAtMs' | 'loadBalancerIps' | 'loadBalancerSourceRanges'
> & { readonly sourceRanges: SourceRanges };

/** What `spec` says; undefined when the Service is to be ignored or left out. */
function readSpec(report: Report, spec: JsonFields): SpecParts | undefined {
  const type = readChoice(report, spec, 'type', serviceTypes);
  if (type === undefined || type === 'ExternalName' || isHeadless(spec)) return undefined;
  const internalTrafficPolicy = readChoice(report, spec, 'internalTrafficPolicy', trafficPolicies);
  const writtenPolicy = readChoice(report, spec, 'externalTrafficPolicy', trafficPolicies);
  const clusterIps = readClusterIps(report, spec);
  const ports = readServicePorts(report, spec, type !== 'ClusterIP');
  const affinityTimeoutSeconds = readAffinity(report, spec);
  const externalIps = readExternalIps(report, spec);
  const sourceRanges = readSourceRanges(report, spec);
  const healthCheckNodePort = readInteger(report, spec, 'healthCheckNodePort', { min: 0, max: maxPort, absent: 0 });
  if (internalTrafficPolicy === undefined || writtenPolicy === undefined || clusterIps === undefined) return undefined;
  const externalTrafficPolicy = isExternal(spec, type) ? writtenPolicy : 'Cluster';
  const hasHealthCheck = type === 'LoadBalancer' && externalTrafficPolicy === 'Local' && (healthCheckNodePort ?? 0) > 0;
  return {
    clusterIps,
    externalIps,
    ports,
    internalTrafficPolicy,
    externalTrafficPolicy,
    ...(affinityTimeoutSeconds === undefined ? {} : { affinityTimeoutSeconds }),
    ...(hasHealthCheck && healthCheckNodePort !== undefined ? { healthCheckNodePort } : {}),
    sourceRanges,
  };
}

/** Without external addresses externalTrafficPolicy means nothing (ExternallyAccessible, pkg/api/v1/service). */
function isExternal(spec: JsonFields, type: ServiceType): boolean {
  const externalIps = get(spec, 'externalIPs');
  return type !== 'ClusterIP' || (Array.isArray(externalIps) && externalIps.length > 0);
}

/** Undefined without affinity. A bad timeout is replaced by the default: the user clearly wants affinity. */
function readAffinity(report: Report, spec: JsonFields): number | undefined {
  const affinity = readChoice(report, spec, 'sessionAffinity', affinities);
  if (affinity !== 'ClientIP') return undefined;
  const seconds = readInside(report, spec, 'sessionAffinityConfig', (config) =>
    readInside(report, config, 'clientIP', (clientIp) =>
      readInteger(report, clientIp, 'timeoutSeconds', affinityTimeout),
    ),
  );
  return seconds ?? affinityTimeout.absent;
}
