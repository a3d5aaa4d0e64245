/** From what was given to a whole configuration: defaults, and what the fields have to do with each other. */
import { familyOf, type IpAddress } from '../core/model/address.ts';
import type { ProxyMode } from '../core/model/config.ts';
import { externalIpsGate } from './claim-flags.ts';
import { formatDuration } from './duration.ts';
import { type Configuration, type FieldPath, fieldAt, fieldPaths, type GivenFields, isFieldPath } from './fields.ts';
import { constantAddress, type HostPort } from './host-port.ts';
import type { SettingProblem } from './setting-problem.ts';

export interface Completed {
  readonly configuration: Configuration;
  /** What is wrong, and what has no effect. */
  readonly problems: readonly SettingProblem[];
}

/** Fills in kube-proxy's defaults, which depend on the mode and on the family of the bind address. */
export function completeConfiguration(given: GivenFields): Completed {
  const mode = given.mode ?? 'iptables';
  const defaults: Readonly<Record<string, unknown>> = {
    ...listenDefaults(given.bindAddress),
    nodePortAddresses: mode === 'nftables' ? { kind: 'primary' } : { kind: 'cidrs', cidrs: [] },
  };
  const values = fieldPaths.map((path) => {
    const value: unknown = given[path];
    // Not `??`: null is a value, no server.
    return [path, value === undefined ? (fieldAt(path).absent ?? defaults[path]) : value];
  });
  // Every path is there, with a value of its own kind.
  const configuration = Object.fromEntries(values) as Configuration;
  return {
    configuration,
    problems: [
      ...checkPeriods(configuration),
      ...checkDetectLocal(configuration),
      ...checkGates(configuration),
      ...fieldPaths.flatMap((path) => withoutEffect(path, given[path], mode)),
    ],
  };
}

/** `[::]` and `[::1]` for a node of IPv6, else `0.0.0.0` and `127.0.0.1`. */
function listenDefaults(
  bindAddress: IpAddress | undefined,
): Readonly<Record<'healthzBindAddress' | 'metricsBindAddress', HostPort>> {
  const isIpv6 = bindAddress !== undefined && familyOf(bindAddress) === 'IPv6';
  const [any, loopback] = isIpv6 ? ['::', '::1'] : ['0.0.0.0', '127.0.0.1'];
  return {
    healthzBindAddress: { host: constantAddress(any), port: 10256 },
    metricsBindAddress: { host: constantAddress(loopback), port: 10249 },
  };
}

function checkPeriods(configuration: Configuration): readonly SettingProblem[] {
  const { mode } = configuration;
  const syncPeriod = configuration[`${mode}.syncPeriod`];
  if (configuration[`${mode}.minSyncPeriod`] <= syncPeriod) return [];
  return [
    {
      path: `${mode}.minSyncPeriod`,
      severity: 'error',
      what: 'invalid',
      problem: `it is longer than the syncPeriod of ${formatDuration(syncPeriod)}`,
      remedy: 'make it shorter, or the syncPeriod longer',
    },
  ];
}

/** kube-proxy's other gates decide about things that rulewright does in one way only. */
function checkGates({ featureGates }: Configuration): readonly SettingProblem[] {
  const others = Object.keys(featureGates).filter((gate) => gate !== externalIpsGate);
  if (others.length === 0) return [];
  return [
    {
      path: 'featureGates',
      severity: 'warning',
      what: 'without-effect',
      problem: `${others.join(', ')} has no effect: ${externalIpsGate} is the only gate that rulewright knows`,
      remedy: 'leave it out',
    },
  ];
}

const ownFieldOfDetection = {
  ClusterCIDR: 'clusterCIDR',
  NodeCIDR: undefined,
  BridgeInterface: 'detectLocal.bridgeInterface',
  InterfaceNamePrefix: 'detectLocal.interfaceNamePrefix',
} as const satisfies Readonly<Record<Configuration['detectLocalMode'], FieldPath | undefined>>;

/** The detection by an interface needs its name; what other detections use is read, but has no effect. */
function checkDetectLocal(configuration: Configuration): readonly SettingProblem[] {
  const { detectLocalMode } = configuration;
  const problems: SettingProblem[] = [];
  for (const [detection, path] of Object.entries(ownFieldOfDetection)) {
    if (path === undefined) continue;
    const isGiven = configuration[path].length > 0;
    if (detection === detectLocalMode && !isGiven && path !== 'clusterCIDR') {
      problems.push({
        path,
        severity: 'error',
        what: 'invalid',
        problem: `nothing is given, but pods are detected by ${detection}`,
        remedy: 'give a name, or detect pods in another way',
      });
    }
    if (detection !== detectLocalMode && isGiven) {
      problems.push({
        path,
        severity: 'info',
        what: 'without-effect',
        problem: `it has no effect, because pods are detected by ${detectLocalMode}`,
        remedy: `leave it out, or detect pods by ${detection}`,
      });
    }
  }
  return problems;
}

/** A field that changes nothing is worth a warning when it was given another value than it would have anyway. */
function withoutEffect(path: FieldPath, value: unknown, mode: ProxyMode): readonly SettingProblem[] {
  const { effect, kind, absent } = fieldAt(path);
  if (value === undefined || effect.kind === 'applied') return [];
  if (effect.kind === 'applied in mode' && effect.mode === mode) return [];
  const harmless = effect.kind === 'none' ? effect.harmless : [];
  const isHarmless = [kind.print(absent), ...harmless].some(
    (each) => JSON.stringify(each) === JSON.stringify(kind.print(value)),
  );
  if (isHarmless) return [];
  const [why, remedy] =
    effect.kind === 'none' ? [`: ${effect.why}`, 'leave it out'] : [` in mode ${mode}`, describeTwin(path, mode)];
  return [{ path, severity: 'warning', what: 'without-effect', problem: `it has no effect${why}`, remedy }];
}

/** `set nftables.masqueradeAll, or leave it out` */
function describeTwin(path: FieldPath, mode: ProxyMode): string {
  const twin = path.replace(/^\w+/, mode);
  return isFieldPath(twin) ? `set ${twin} for this mode, or leave it out` : 'leave it out';
}
