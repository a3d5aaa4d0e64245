/** The flags about what Services may claim, which no field of the file has, and the rules that they make. */
import type { ClaimRules } from '../core/model/config.ts';
import type { Configuration } from './fields.ts';
import * as kinds from './kinds.ts';
import type { Parsed } from './parsed.ts';

export interface ClaimFlags {
  readonly protectNodeAddresses: boolean;
  readonly protectedNodePorts: readonly number[];
  readonly maxFrontends: number;
}

export type ClaimFlagName = 'protect-node-addresses' | 'protected-node-ports' | 'max-frontends';

/** The kubelet's API, on every node (kubelet --port). */
const kubeletPort = 10250;

export const usualClaimFlags: ClaimFlags = {
  protectNodeAddresses: false,
  protectedNodePorts: [kubeletPort],
  maxFrontends: 10_000,
};

/** `take`: the value of a flag, undefined where it is not given or not valid. */
export function readClaimFlags(
  take: <T>(name: ClaimFlagName, parse: (text: string) => Parsed<T | undefined>) => T | undefined,
): ClaimFlags {
  const usual = usualClaimFlags;
  return {
    protectNodeAddresses: take('protect-node-addresses', kinds.boolean.parse) ?? usual.protectNodeAddresses,
    protectedNodePorts: take('protected-node-ports', kinds.ports.parse) ?? usual.protectedNodePorts,
    maxFrontends: take('max-frontends', kinds.frontendCount.parse) ?? usual.maxFrontends,
  };
}

/** The only gate of kube-proxy that means something here. */
export const externalIpsGate = 'AllowServiceExternalIPs';

export function claimRules(configuration: Configuration, flags: ClaimFlags): ClaimRules {
  const { healthzBindAddress, metricsBindAddress, featureGates } = configuration;
  const ports = new Map<number, string>();
  for (const port of flags.protectedNodePorts) {
    ports.set(port, port === kubeletPort ? "the kubelet's" : 'in --protected-node-ports');
  }
  for (const server of [healthzBindAddress, metricsBindAddress]) {
    if (server) ports.set(server.port, "rulewright's own");
  }
  return {
    allowExternalIps: featureGates[externalIpsGate] ?? true,
    protectNodeAddresses: flags.protectNodeAddresses,
    protectedPorts: [...ports].map(([port, use]) => ({ port, use })),
    maxFrontends: flags.maxFrontends,
  };
}
