/** The flags by which pods of this node are told from others. */
import type { Diagnostic } from '../core/diagnostics.ts';
import type { DetectLocal } from '../core/model/config.ts';
import { optional, type Reading, type Take } from './flag-reading.ts';
import { readBridge, readChoice, readClusterCidrs, readInterfacePrefix } from './flag-values.ts';

/** As commander collects them. */
export interface DetectLocalFlags {
  readonly detectLocalMode?: string;
  readonly clusterCidr?: string;
  readonly podBridgeInterface?: string;
  readonly podInterfaceNamePrefix?: string;
}

const modes = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] as const;

/** Reads all of the flags, also those that the mode does not use: an error in one is an error. */
export function readDetectLocal(given: DetectLocalFlags, take: Take): DetectLocal {
  const mode = take(
    optional('--detect-local-mode', given.detectLocalMode, (flag, text) => readChoice(flag, text, modes)),
    'ClusterCIDR',
  );
  const cidrs = take(optional('--cluster-cidr', given.clusterCidr, readClusterCidrs), []);
  const bridge = take(optional('--pod-bridge-interface', given.podBridgeInterface, readBridge), '');
  const prefix = take(optional('--pod-interface-name-prefix', given.podInterfaceNamePrefix, readInterfacePrefix), '');
  switch (mode) {
    case 'ClusterCIDR':
      return { mode, cidrs };
    case 'NodeCIDR':
      return { mode };
    case 'BridgeInterface':
      if (!given.podBridgeInterface) take(missing('--pod-bridge-interface', mode), undefined);
      return { mode, bridge };
    case 'InterfaceNamePrefix':
      if (!given.podInterfaceNamePrefix) take(missing('--pod-interface-name-prefix', mode), undefined);
      return { mode, prefix };
    default:
      return mode satisfies never;
  }
}

function missing(flag: string, mode: string): Reading<undefined> {
  return { error: `${flag}: nothing given, want a value, because of --detect-local-mode ${mode}` };
}

/** One diagnostic for each flag that says something which the mode does not ask for. */
export function unusedDetectLocalFlags(given: DetectLocalFlags, { mode }: DetectLocal): readonly Diagnostic[] {
  const flags = [
    ['--cluster-cidr', given.clusterCidr, 'ClusterCIDR'],
    ['--pod-bridge-interface', given.podBridgeInterface, 'BridgeInterface'],
    ['--pod-interface-name-prefix', given.podInterfaceNamePrefix, 'InterfaceNamePrefix'],
  ] as const;
  return flags
    .filter(([, value, wantedMode]) => value && wantedMode !== mode)
    .map(([name, , wantedMode]) => ({
      code: 'flag-without-effect',
      severity: 'info',
      object: { kind: 'Flag', name },
      field: '',
      problem: `it has no effect with --detect-local-mode ${mode}`,
      remedy: `leave it out, or choose --detect-local-mode ${wantedMode}`,
    }));
}
