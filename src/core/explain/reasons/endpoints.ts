/** Each endpoint of a service port: whether it takes the packet, and why or why not. */
import { formatHostPort } from '../../model/address.ts';
import type { Outcome } from '../../model/packet.ts';
import { type Candidate, candidatesFor, hintsInEffect, type NodePlace } from '../../plan/endpoints.ts';
import { add, type Rational, rational, zero } from '../../structures/rational.ts';
import { findIn } from '../../structures/shards.ts';
import { shareOf } from '../../structures/share.ts';
import type { Case, PacketFrontend } from '../case.ts';
import type { EndpointAccount, PacketRemark } from '../explanation.ts';
import { nodeOf, type World } from '../world.ts';

/** Endpoints that take part come first; otherwise sorted by address. */
export function accountEndpoints(frontend: PacketFrontend, { world, plan, walk }: Case): readonly EndpointAccount[] {
  const place = placeOf(world);
  const candidates = candidatesOf(world, frontend, plan.family);
  const shares = sharesOf(walk);
  const masqueraded = new Set(walk.fates.flatMap(({ outcome }) => (isMasqueraded(outcome) ? [outcome.endpoint] : [])));
  const pool = new Set(
    frontend.servicePort.pools[frontend.pool].map(({ address, port }) => formatHostPort(address, port)),
  );
  const judge = { frontend, place, pool, ready: candidates.filter(({ source }) => source.ready) };
  const accounts = candidates.map((candidate): EndpointAccount => {
    const { key, source } = candidate;
    const share = shares.get(key);
    const isOut = share === undefined && walk.decision !== undefined && pool.has(key);
    return {
      endpoint: key,
      ...(source.nodeName === undefined ? {} : { node: source.nodeName }),
      takesPart: share !== undefined,
      reason: isOut ? passedOver(walk) : reasonFor(candidate, judge),
      ...(share === undefined ? {} : { share: shareOf(share), masquerade: masqueraded.has(key) }),
    };
  });
  return accounts.sort((a, b) => Number(b.takesPart) - Number(a.takesPart));
}

export function candidatesOf(
  world: World,
  { key, port }: PacketFrontend,
  family: 'IPv4' | 'IPv6',
): readonly Candidate[] {
  return candidatesFor(findIn(world.snapshot.slices, key) ?? new Map(), port, family, placeOf(world));
}

export function placeOf(world: World): NodePlace {
  return { name: world.config.nodeName, zone: nodeOf(world)?.zone };
}

/** By `address:port`. An endpoint whose packets the filter stops is not in it. */
function sharesOf({ fates, decision }: Case['walk']): ReadonlyMap<string, Rational> {
  const shares = new Map<string, Rational>();
  if (decision === undefined) return shares;
  const each = rational(1n, BigInt(fates.length));
  for (const { outcome } of fates) {
    if (outcome.kind === 'dnat') shares.set(outcome.endpoint, add(shares.get(outcome.endpoint) ?? zero, each));
  }
  return shares;
}

function isMasqueraded(outcome: Outcome): outcome is Extract<Outcome, { kind: 'dnat' }> {
  return outcome.kind === 'dnat' && outcome.masquerade;
}

/** Why an endpoint in the selected pool does not receive the packet. */
function passedOver({ decision }: Case['walk']): PacketRemark {
  return decision?.isRemembered === true
    ? { code: 'not-remembered', text: 'affinity keeps this client on another endpoint' }
    : { code: 'stopped', text: 'the filter stops packets to it' };
}

/** The facts that decide whether an endpoint takes part. */
interface Judge {
  readonly frontend: PacketFrontend;
  readonly place: NodePlace;
  /** `address:port` of every endpoint in the frontend's pool. */
  readonly pool: ReadonlySet<string>;
  readonly ready: readonly Candidate[];
}

function reasonFor(candidate: Candidate, judge: Judge): PacketRemark {
  const { source, planned, key } = candidate;
  const isIn = judge.pool.has(key);
  if (judge.frontend.pool === 'local' && planned.locality !== 'local') return notLocal(candidate);
  if (isIn && source.ready) return { code: 'ready', text: 'ready' };
  if (isIn) return { code: 'draining', text: 'terminating, but still serving, and no endpoint is ready' };
  if (source.terminating) return terminating(candidate);
  if (!source.ready) return { code: 'not-ready', text: 'not ready' };
  return otherPlace(candidate, judge);
}

function notLocal({ planned }: Candidate): PacketRemark {
  if (planned.locality === 'possible') {
    return { code: 'node-unknown', text: 'its EndpointSlice does not name its node, and the policy is Local' };
  }
  return { code: 'not-local', text: 'not on this node, and the policy is Local' };
}

function terminating({ source }: Candidate): PacketRemark {
  return source.serving
    ? { code: 'terminating', text: 'terminating, and others are ready' }
    : { code: 'terminating', text: 'terminating, and no longer serving' };
}

function otherPlace({ source }: Candidate, { ready, place }: Judge): PacketRemark {
  switch (hintsInEffect(ready, place)) {
    case 'node':
      return { code: 'other-node', text: `ready, but hinted for nodes ${source.nodeHints.join(', ')}` };
    case 'zone':
      return { code: 'other-zone', text: `ready, but hinted for zone ${source.zoneHints.join(', ')}` };
    default:
      return { code: 'surplus', text: 'ready, but above the endpoint limit' };
  }
}
