/** What decided on a packet that a frontend sends on, topic by topic. */
import { cidrContains } from '../model/cidr.ts';
import type { LocalPodMatch } from '../model/plan.ts';
import { hintsInEffect } from '../plan/endpoints.ts';
import type { Decision } from '../trace/plan.ts';
import type { FilterReason } from '../trace/plan-filter.ts';
import type { Case, Frontend } from './case.ts';
import { candidatesOf, placeOf } from './endpoints.ts';
import type { Explanation, Remark } from './explanation.ts';

type Decisions = Explanation['decisions'];

/** All that a frontend decides. */
export function explainDecisions(frontend: Frontend, asked: Case): Decisions {
  const { decision } = asked.walk;
  return [
    { topic: 'policy', ...explainPolicy(frontend, asked) },
    ...(frontend.allowedSources === undefined
      ? []
      : [{ topic: 'sources' as const, ...explainSources(frontend, asked) }]),
    ...(decision === undefined
      ? []
      : [{ topic: 'masquerade' as const, ...explainMasquerade(frontend, decision, asked) }]),
    ...(decision === undefined ? [] : [{ topic: 'affinity' as const, ...explainAffinity(frontend, decision, asked) }]),
  ];
}

function explainPolicy(frontend: Frontend, asked: Case): Remark {
  const { service, kind } = frontend;
  const who = kind === 'clusterIP' ? 'internal' : 'external';
  const policy = kind === 'clusterIP' ? service.internalTrafficPolicy : service.externalTrafficPolicy;
  const text = `${who}TrafficPolicy ${policy}: `;
  if (policy === 'Cluster') {
    return {
      code: `${who}-cluster`,
      text: `${text}endpoints on all nodes take part${describeNarrowing(frontend, asked)}`,
    };
  }
  switch (asked.walk.decision?.caller) {
    case 'localPod':
      return { code: 'short-cut-pod', text: `${text}but a pod takes the short cut to the endpoints on all nodes` };
    case 'thisNode':
      return {
        code: 'short-cut-node',
        text: `${text}but the node itself takes the short cut to the endpoints on all nodes`,
      };
    default:
      return { code: `${who}-local`, text: `${text}only endpoints on this node take part` };
  }
}

function describeNarrowing(frontend: Frontend, { world, plan }: Case): string {
  const ready = candidatesOf(world, frontend, plan.family).filter(({ source }) => source.ready);
  const { name, zone } = placeOf(world);
  switch (hintsInEffect(ready, placeOf(world))) {
    case 'node':
      return `, narrowed to those with a hint for node ${name}`;
    case 'zone':
      return `, narrowed to those with a hint for zone ${zone ?? ''}`;
    default:
      return '';
  }
}

function explainSources({ allowedSources = [] }: Frontend, { packet }: Case): Remark {
  const range = allowedSources.find((each) => cidrContains(each, packet.source));
  if (range !== undefined)
    return { code: 'sources-let-in', text: `${packet.source} is within ${range}, which may use this address` };
  return {
    code: 'sources-shut-out',
    text: `${packet.source} is in none of loadBalancerSourceRanges: ${allowedSources.join(', ')}`,
  };
}

function explainMasquerade(frontend: Frontend, { caller, action }: Decision, asked: Case): Remark {
  const hairpins = asked.walk.fates.filter(({ isHairpin }) => isHairpin);
  const remark = action.masquerade
    ? whyMasqueraded(frontend, caller, asked)
    : whyNotMasqueraded(frontend, caller, asked);
  const [hairpin] = hairpins;
  if (action.masquerade || hairpin?.endpoint === undefined) return remark;
  const { address, port } = hairpin.endpoint;
  return {
    code: 'masquerade-hairpin',
    text: `no, but for ${address} port ${port}, the sender itself: it must not see its own address as the source; ${remark.text.replace(/^no: /, 'else ')}`,
  };
}

function whyMasqueraded({ kind, service }: Frontend, caller: Decision['caller'], { plan, world }: Case): Remark {
  if (kind === 'clusterIP') {
    if (world.config.masqueradeAll) return { code: 'masquerade-all', text: 'yes: --masquerade-all' };
    return {
      code: 'masquerade-off-cluster',
      text: `yes: the source is no pod (${describeDetection(plan.localPods)}), so answers must come back through this node`,
    };
  }
  if (caller === 'thisNode') {
    return { code: 'masquerade-node', text: "yes: the node may have sent with the load balancer's address" };
  }
  return {
    code: 'masquerade-external',
    text: `yes: externalTrafficPolicy ${service.externalTrafficPolicy} may lead to another node, whose answers must come back through this one`,
  };
}

function whyNotMasqueraded({ kind }: Frontend, caller: Decision['caller'], { plan }: Case): Remark {
  const { localPods } = plan;
  if (localPods.kind === 'unknown' && kind === 'clusterIP') {
    return { code: 'detection-unknown', text: `no: ${describeDetection(localPods)}, so nobody is masqueraded` };
  }
  if (kind === 'clusterIP' || caller === 'localPod' || localPods.kind === 'everyone') {
    return { code: 'source-is-pod', text: `no: the source counts as a pod (${describeDetection(localPods)})` };
  }
  return { code: 'source-kept', text: 'no: externalTrafficPolicy Local keeps the source' };
}

/** How pods of this node are told from others. */
function describeDetection(localPods: LocalPodMatch): string {
  switch (localPods.kind) {
    case 'unknown':
      return 'pods cannot be told from others: no block of pods is known for this family';
    case 'everyone':
      return 'everybody is taken for a pod';
    case 'sources':
      return `pods are those within ${localPods.cidr}`;
    case 'interface':
      return `pods are those that arrive on ${localPods.name}`;
    case 'interfacePrefix':
      return `pods are those that arrive on ${localPods.prefix}*`;
    default:
      return localPods satisfies never;
  }
}

function explainAffinity({ service }: Frontend, { isRemembered }: Decision, { packet }: Case): Remark {
  const seconds = service.affinityTimeoutSeconds;
  if (seconds === undefined) return { code: 'affinity-none', text: 'none: each connection may go to another endpoint' };
  if (isRemembered) {
    return {
      code: 'affinity-remembered',
      text: `ClientIP, ${seconds} s: ${packet.source} stays with ${packet.remembered ?? ''}`,
    };
  }
  return {
    code: 'affinity-new',
    text: `ClientIP, ${seconds} s: chance decides on a first connection, and later ones stay with that endpoint`,
  };
}

/** What the filter says, where it says anything. */
export function explainFilter({ walk, packet }: Case): Decisions {
  const verdicts = new Map(walk.fates.flatMap(({ filter }) => (filter === undefined ? [] : [[filter.reason, filter]])));
  return [...verdicts.values()].map(({ reason, outcome }) => ({
    topic: 'filter',
    code: `filter-${outcome.kind}`,
    text: `${outcomeWords[outcome.kind]}: ${filterWords[reason]}${reason === 'foreignLoopback' ? ` (${packet.destination})` : ''}`,
  }));
}

const outcomeWords = { accept: 'let through', reject: 'refused', drop: 'dropped', pass: 'let through' } as const;

const filterWords: Readonly<Record<FilterReason, string>> = {
  foreignLoopback: 'loopback addresses are for this node alone',
  shutOut: 'the source is in none of the ranges that may use this address',
  healthCheck: 'health-check ports are open whatever the policy of the chain',
  masqueraded: 'what is masqueraded is forwarded whatever the policy of the chain',
  refused: 'the frontend has no endpoint for this sender',
  unusedPort: 'the cluster IP has no such port',
  unusedAddress: 'no Service has this address of the ServiceCIDRs',
};
