/** Why a packet is not sent to an endpoint, and what would help. */
import type { Case, Frontend } from './case.ts';
import { candidatesOf } from './endpoints.ts';
import type { Remark } from './explanation.ts';
import { whyNoFrontend } from './no-frontend.ts';

/** Empty for a packet that every way leads to an endpoint. */
export function explainReasons(asked: Case): readonly Remark[] {
  const { frontend, walk } = asked;
  if (walk.fates.every(({ outcome }) => outcome.kind === 'dnat')) return [];
  if (frontend === undefined) return whyNoFrontend(asked);
  if (walk.decision !== undefined) return whyStopped(asked);
  const isShutOut = walk.fates.some(({ filter }) => filter?.reason === 'shutOut');
  return isShutOut ? [shutOut(frontend, asked)] : whyNoEndpoint(frontend, asked);
}

/** Sent to an endpoint, and held up by the filter: the endpoint is where another frontend is. */
function whyStopped({ walk, world }: Case): readonly Remark[] {
  return walk.fates.flatMap(({ endpoint, outcome, filter }) => {
    if (endpoint === undefined || outcome.kind === 'dnat' || filter === undefined) return [];
    const { address, port } = endpoint;
    const isHere = world.host.addresses.includes(address) ? ', an address of this node' : '';
    return [
      {
        code: 'stopped-by-filter',
        text: `endpoint ${address} port ${port}${isHere} is itself where a frontend is, and there such packets are stopped`,
      },
    ];
  });
}

function shutOut({ key, allowedSources = [] }: Frontend, { packet }: Case): Remark {
  return {
    code: 'source-shut-out',
    text: `Service ${key} lets only ${allowedSources.join(', ')} use ${packet.destination}; to let ${packet.source} in, add a range to spec.loadBalancerSourceRanges, or use the cluster IP or a NodePort, which the ranges do not guard`,
  };
}

function whyNoEndpoint(frontend: Frontend, asked: Case): readonly Remark[] {
  const { world, plan } = asked;
  const candidates = candidatesOf(world, frontend, plan.family);
  const isAny = candidates.some(({ source }) => source.ready || (source.serving && source.terminating));
  if (isAny && frontend.pool === 'local') return [noLocalEndpoint(frontend, asked)];
  if (candidates.length > 0) {
    const words = candidates.length === 1 ? 'the only endpoint is' : `none of the ${candidates.length} endpoints is`;
    return [
      {
        code: 'endpoints-not-ready',
        text: `${words} ready: see the readiness probes of the pods (kubectl get pods, kubectl describe pod)`,
      },
    ];
  }
  return [noCandidate(frontend, asked)];
}

function noLocalEndpoint({ kind }: Frontend, { world }: Case): Remark {
  const which = kind === 'clusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  return {
    code: 'no-local-endpoint',
    text: `${which} is Local and no endpoint is on ${world.config.nodeName}: send it to a node that has one, run one here, or choose ${which}: Cluster`,
  };
}

function noCandidate({ key, port }: Frontend, { world, plan }: Case): Remark {
  const { snapshot, surroundings } = world;
  const slices = [...(snapshot.slices.get(key)?.values() ?? [])];
  const facts = surroundings.services.get(key);
  if (slices.length === 0) {
    const selector = facts?.selector;
    const isManual = facts !== undefined && selector === undefined;
    return {
      code: isManual ? 'no-selector' : 'no-slices',
      text: isManual
        ? `Service ${key} has no selector, and nobody has written an EndpointSlice for it`
        : `no EndpointSlice is there for Service ${key}: ${selector === undefined ? 'its selector' : `its selector ${selector}`} matches no Pod, or the slices are not in the input`,
    };
  }
  const ofFamily = slices.filter(({ family }) => family === plan.family);
  if (ofFamily.length === 0) {
    return {
      code: 'no-slices-of-family',
      text: `the EndpointSlices of Service ${key} are ${slices[0]?.family ?? ''} only, and the packet is ${plan.family}`,
    };
  }
  if (ofFamily.every(({ endpoints }) => endpoints.length === 0)) {
    const selector = facts?.selector === undefined ? 'the selector' : `the selector ${facts.selector}`;
    return {
      code: 'no-pods',
      text: `the EndpointSlices of Service ${key} are empty: ${selector} matches no Pod that runs`,
    };
  }
  return {
    code: 'port-missing-everywhere',
    text: `no EndpointSlice of Service ${key} has the port ${port.name === '' ? 'without a name' : port.name}: see the name of targetPort in the Service and of the container's port`,
  };
}
