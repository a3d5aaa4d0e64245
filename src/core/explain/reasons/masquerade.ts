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
    `source; otherwise no: ${text}`,
  );
}

function whyMasqueraded({ kind }: PacketFrontend, { caller }: Decision, { plan, world }: Case): PacketRemark {
  if (kind === 'clusterIP') {
    if (world.config.masqueradeAll) return remark('masquerade-all', 'yes: --masquerade-all');
    return remark(
      'masquerade-off-cluster',
      `yes: the source is not a pod (${describeDetection(plan.localPods)}), `,
      'so replies must return through this node',
    );
  }
  if (caller === 'thisNode') {
    return remark('masquerade-node', "yes: the node may have used the load balancer's address as the source");
  }
  return remark(
    'masquerade-external',
    'yes: the endpoint may be on another node, and its replies must return through this node',
  );
}

/** The text follows `no: `. */
function whyNotMasqueraded({ kind }: PacketFrontend, { caller }: Decision, { plan }: Case): PacketRemark {
  const { localPods } = plan;
  if (localPods.kind === 'unknown' && kind === 'clusterIP') {
    return remark('detection-unknown', `${describeDetection(localPods)}, so nothing is masqueraded`);
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
      return 'cannot tell pods from other sources, since no pod CIDR is known for this family';
    case 'everyone':
      return 'every source counts as a pod';
    case 'sources':
      return `pods have addresses in ${localPods.cidr}`;
    case 'interface':
      return `packets of pods arrive on ${localPods.name}`;
    case 'interfacePrefix':
      return `packets of pods arrive on ${localPods.prefix}*`;
    default:
      return localPods satisfies never;
  }
}
