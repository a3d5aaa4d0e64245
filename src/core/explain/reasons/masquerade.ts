/** Explains whether a packet's source is rewritten (masqueraded). */
import type { LocalPodMatch } from '../../model/plan.ts';
import type { Decision } from '../../trace/plan/trace.ts';
import type { Case, PacketFrontend } from '../case.ts';
import type { PacketRemark } from '../explanation.ts';
import { remark } from './remark.ts';

export function explainMasquerade(frontend: PacketFrontend, decision: Decision, asked: Case): PacketRemark {
  if (decision.action.masquerade) return whyMasqueraded(frontend, decision, asked);
  const { code, text } = whyNotMasqueraded(frontend, decision, asked);
  const hairpin = asked.walk.fates.find(({ isHairpin }) => isHairpin)?.endpoint;
  if (hairpin === undefined) return { code, text: `no: ${text}` };
  return remark(
    'masquerade-hairpin',
    `only for ${hairpin.address} port ${hairpin.port}, the sender itself, which must not see its own address as the `,
    `source; else no: ${text}`,
  );
}

function whyMasqueraded({ kind }: PacketFrontend, { caller }: Decision, { plan, world }: Case): PacketRemark {
  if (kind === 'clusterIP') {
    if (world.config.masqueradeAll) return remark('masquerade-all', 'yes: --masquerade-all');
    return remark(
      'masquerade-off-cluster',
      `yes: the source is no pod (${describeDetection(plan.localPods)}), `,
      'so answers must come back through this node',
    );
  }
  if (caller === 'thisNode') {
    return remark('masquerade-node', "yes: the node may have sent with the load balancer's address");
  }
  return remark(
    'masquerade-external',
    'yes: the endpoint may be on another node, whose answers must come back through this one',
  );
}

/** The text goes on from `no: `. */
function whyNotMasqueraded({ kind }: PacketFrontend, { caller }: Decision, { plan }: Case): PacketRemark {
  const { localPods } = plan;
  if (localPods.kind === 'unknown' && kind === 'clusterIP') {
    return remark('detection-unknown', `${describeDetection(localPods)}, so nobody is masqueraded`);
  }
  if (kind === 'clusterIP' || caller === 'localPod' || localPods.kind === 'everyone') {
    return remark('source-is-pod', `the source counts as a pod (${describeDetection(localPods)})`);
  }
  return remark('source-kept', 'externalTrafficPolicy Local keeps the source');
}

/** How local detection recognises pods of this node. */
function describeDetection(localPods: LocalPodMatch): string {
  switch (localPods.kind) {
    case 'unknown':
      return 'pods cannot be told from others, since no block of pods is known for this family';
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
