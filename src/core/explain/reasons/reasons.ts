/** Why a packet does not reach an endpoint, and the remedy. */
import { familyOf } from '../../model/address.ts';
import type { EndpointSlice } from '../../model/objects.ts';
import { findIn } from '../../structures/shards.ts';
import type { Case, PacketFrontend } from '../case.ts';
import type { PacketRemark } from '../explanation.ts';
import { candidatesOf } from './endpoints.ts';
import { whyNoFrontend } from './no-frontend.ts';
import { remark } from './remark.ts';

/** Empty for a packet that always reaches an endpoint. */
export function explainReasons(asked: Case): readonly PacketRemark[] {
  const { frontend, walk } = asked;
  if (walk.fates.every(({ outcome }) => outcome.kind === 'dnat')) return [];
  if (frontend === undefined) return whyNoFrontend(asked);
  if (walk.decision !== undefined) return whyStopped(asked);
  const isShutOut = walk.fates.some(({ filter }) => filter?.reason === 'shutOut');
  return [isShutOut ? shutOut(frontend, asked) : whyNoEndpoint(frontend, asked)];
}

/** Sent to an endpoint but stopped by the filter, because the endpoint is also a frontend. */
function whyStopped({ walk, world }: Case): readonly PacketRemark[] {
  return walk.fates.flatMap(({ endpoint, outcome }) => {
    if (endpoint === undefined || outcome.kind === 'dnat') return [];
    const { address, port } = endpoint;
    const isHere = world.host.addresses.includes(address) ? ', an address of this node' : '';
    return remark(
      'stopped-by-filter',
      `endpoint ${address} port ${port}${isHere} is also a frontend, and the filter stops such packets there`,
    );
  });
}

function shutOut({ key, service }: PacketFrontend, { packet, plan }: Case): PacketRemark {
  const ranges = service.loadBalancerSourceRanges.filter((range) => familyOf(range) === plan.family);
  return remark(
    'source-shut-out',
    `Service ${key} accepts only ${ranges.join(', ')} at ${packet.destination}; to allow ${packet.source}, `,
    'add a range to spec.loadBalancerSourceRanges, or use the cluster IP or a NodePort, which are not restricted',
  );
}

function whyNoEndpoint(frontend: PacketFrontend, asked: Case): PacketRemark {
  const candidates = candidatesOf(asked.world, frontend, asked.plan.family);
  const isAny = candidates.some(({ source }) => source.ready || (source.serving && source.terminating));
  if (isAny && frontend.pool === 'local') return noLocalEndpoint(frontend, asked);
  if (candidates.length === 0) return noCandidate(frontend, asked);
  return remark(
    'endpoints-not-ready',
    candidates.length === 1 ? 'the only endpoint is not ready' : `none of the ${candidates.length} endpoints is ready`,
    ': see the readiness probes of the pods (kubectl get pods, kubectl describe pod)',
  );
}

function noLocalEndpoint({ kind }: PacketFrontend, { world }: Case): PacketRemark {
  const which = kind === 'clusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  return remark(
    'no-local-endpoint',
    `${which} is Local and no endpoint is on ${world.config.nodeName}: `,
    `send it to a node that has one, run one here, or choose ${which}: Cluster`,
  );
}

function noCandidate({ key, port }: PacketFrontend, { world, plan }: Case): PacketRemark {
  const slices = [...(findIn(world.snapshot.slices, key)?.values() ?? [])];
  if (slices.length === 0) return noSlices(key, world);
  const ofFamily = slices.filter(({ family }) => family === plan.family);
  if (ofFamily.length === 0) {
    return remark(
      'no-slices-of-family',
      `the EndpointSlices of Service ${key} are ${slices[0]?.family ?? ''} only, and the packet is ${plan.family}`,
    );
  }
  if (ofFamily.every(isEmpty)) {
    const selector = world.clusterFacts.services.get(key)?.selector;
    const whose = selector === undefined ? 'its selector' : `its selector ${selector}`;
    return remark('no-pods', `the EndpointSlices of Service ${key} are empty: ${whose} matches no running Pod`);
  }
  return remark(
    'port-missing-everywhere',
    `no EndpointSlice of Service ${key} has the port ${port.name === '' ? 'without a name' : port.name}: `,
    "compare targetPort in the Service with the name of the container's port",
  );
}

function isEmpty({ endpoints }: EndpointSlice): boolean {
  return endpoints.length === 0;
}

function noSlices(key: string, { clusterFacts }: Case['world']): PacketRemark {
  const facts = clusterFacts.services.get(key);
  if (facts !== undefined && facts.selector === undefined) {
    return remark('no-selector', `Service ${key} has no selector, and no EndpointSlice was created for it`);
  }
  return remark(
    'no-slices',
    `Service ${key} has no EndpointSlice: its selector ${facts?.selector ?? ''}`.trimEnd(),
    ' matches no Pod, or the slices are not in the input',
  );
}
