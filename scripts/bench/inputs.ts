/** The input of every measurement: a synthetic cluster as a snapshot, and small changes to it. */
import { readManifest } from '../../src/core/manifest/manifest.ts';
import { constantCidr } from '../../src/core/model/cidr.ts';
import type { IptablesLayout, NodeConfig, ProxyMode } from '../../src/core/model/config.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../../src/core/snapshot/snapshot.ts';
import { makeCluster, makeSlice } from '../lab/clusters/make.ts';

export const endpointsPerService = 10;

/** Node and cluster of all measurements. A sender in `podCidr` is a pod of this node. */
export const podCidr = '10.128.0.0/9';

export function benchConfig(mode: ProxyMode, layout: IptablesLayout = 'fast'): NodeConfig {
  return {
    mode,
    nodeName: 'node-0',
    fallbackNodeIps: [],
    masqueradeAll: false,
    masqueradeBit: 14,
    detectLocal: { mode: 'ClusterCIDR', cidrs: [constantCidr(podCidr)] },
    nodePortAddresses: mode === 'iptables' ? { kind: 'cidrs', cidrs: [] } : { kind: 'primary' },
    localhostNodePorts: true,
    conntrackTcpBeLiberal: false,
    claimRules: { allowExternalIps: true, protectNodeAddresses: false, protectedPorts: [], maxFrontends: 10_000 },
    layout,
    nfacct: false,
  };
}

export function makeObjects(services: number): readonly unknown[] {
  return makeCluster(services, endpointsPerService);
}

/** The Service of change number `round`: each changes twice, and they are far apart. */
export function changedService(round: number): number {
  return (round >> 1) * 37;
}

/** Removes and restores the first endpoint of one Service, alternating. */
export function changeObjects(round: number): readonly unknown[] {
  return [makeSlice(changedService(round), endpointsPerService, (round + 1) % 2)];
}

/** The snapshot with these API objects in it. */
export function put(objects: readonly unknown[], before: Snapshot = emptySnapshot): Snapshot {
  const { manifests, diagnostics } = readManifest({ apiVersion: 'v1', kind: 'List', items: objects });
  if (diagnostics.length > 0) throw new Error(`the bench made bad objects: ${JSON.stringify(diagnostics[0])}`);
  return reduce(
    before,
    manifests.map((manifest) => ({ type: 'set', manifest })),
  );
}
