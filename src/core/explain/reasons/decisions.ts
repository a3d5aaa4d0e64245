/** The decisions on a packet, topic by topic: policy, source ranges, masquerading, affinity, filter. */
import { cidrContains } from '../../model/cidr.ts';
import { hintsInEffect } from '../../plan/endpoints.ts';
import type { FilterReason } from '../../trace/plan/filter.ts';
import type { Decision } from '../../trace/plan/trace.ts';
import type { Case, PacketFrontend } from '../case.ts';
import type { Explanation, PacketRemark, Topic } from '../explanation.ts';
import { candidatesOf, placeOf } from './endpoints.ts';
import { explainMasquerade } from './masquerade.ts';
import { remark } from './remark.ts';

type Decisions = Explanation['decisions'];

/** Decisions of the frontend; masquerading and affinity only if it sends the packet to an endpoint. */
export function explainDecisions(frontend: PacketFrontend, asked: Case): Decisions {
  const { decision } = asked.walk;
  const about = (topic: Topic, said: PacketRemark) => ({ topic, ...said });
  return [
    about('policy', explainPolicy(frontend, asked)),
    ...(frontend.allowedSources === undefined ? [] : [about('sources', explainSources(frontend, asked))]),
    ...(decision === undefined ? [] : [about('masquerade', explainMasquerade(frontend, decision, asked))]),
    ...(decision === undefined ? [] : [about('affinity', explainAffinity(frontend, decision, asked))]),
  ];
}

function explainPolicy(frontend: PacketFrontend, asked: Case): PacketRemark {
  const { service, kind } = frontend;
  const which = kind === 'clusterIP' ? 'internal' : 'external';
  const policy = kind === 'clusterIP' ? service.internalTrafficPolicy : service.externalTrafficPolicy;
  const name = `${which}TrafficPolicy ${policy}: `;
  if (policy === 'Cluster') {
    return remark(`${which}-cluster`, name, 'endpoints on all nodes may take part', describeHints(frontend, asked));
  }
  switch (asked.walk.decision?.caller) {
    case 'localPod':
      return remark('short-cut-pod', name, 'but pods of this node may use endpoints on all nodes');
    case 'thisNode':
      return remark('short-cut-node', name, 'but the node itself may use endpoints on all nodes');
    default:
      return remark(`${which}-local`, name, 'only endpoints on this node may take part');
  }
}

function describeHints(frontend: PacketFrontend, { world, plan }: Case): string {
  const place = placeOf(world);
  const ready = candidatesOf(world, frontend, plan.family).filter(({ source }) => source.ready);
  const hints = hintsInEffect(ready, place);
  if (hints === undefined) return '';
  return `, narrowed to those with a hint for ${hints} ${hints === 'node' ? place.name : (place.zone ?? '')}`;
}

function explainSources({ allowedSources = [] }: PacketFrontend, { packet }: Case): PacketRemark {
  const { source } = packet;
  const range = allowedSources.find((each) => cidrContains(each, source));
  if (range === undefined) {
    return remark('sources-shut-out', `${source} is not in loadBalancerSourceRanges: ${allowedSources.join(', ')}`);
  }
  return remark('sources-let-in', `${source} is in ${range}, which may use this address`);
}

function explainAffinity({ service }: PacketFrontend, { isRemembered }: Decision, { packet }: Case): PacketRemark {
  const seconds = service.affinityTimeoutSeconds;
  if (seconds === undefined) return remark('affinity-none', 'none: each connection may go to a different endpoint');
  const name = `ClientIP, ${seconds} s: `;
  if (isRemembered) {
    return remark('affinity-remembered', name, `${packet.source} stays with ${packet.remembered ?? ''}`);
  }
  return remark('affinity-new', name, 'the first connection goes to a random endpoint, and later ones stay with it');
}

/** The verdicts of the filter, each once. */
export function explainFilter({ walk }: Case): Decisions {
  const verdicts = new Map(walk.fates.flatMap(({ filter }) => (filter === undefined ? [] : [[filter.reason, filter]])));
  return [...verdicts.values()].map(({ reason, outcome }) => ({
    topic: 'filter',
    ...remark(`filter-${outcome.kind}`, outcomeWords[outcome.kind], ': ', filterWords[reason]),
  }));
}

const outcomeWords = { accept: 'let through', reject: 'refused', drop: 'dropped', pass: 'let through' } as const;

const filterWords: Readonly<Record<FilterReason, string>> = {
  foreignLoopback: 'only this node itself may use loopback addresses',
  shutOut: 'the source is in none of the ranges that this address accepts',
  healthCheck: 'health-check ports are accepted, whatever the chain policy',
  masqueraded: 'masqueraded packets are forwarded, whatever the chain policy',
  invalid: 'forwarded packets in conntrack state invalid are dropped',
  established: 'it belongs to an established connection',
  refused: 'the frontend has no endpoint for this sender',
  unusedPort: 'the cluster IP has no such port',
  unusedAddress: 'no Service has this ServiceCIDR address',
};
