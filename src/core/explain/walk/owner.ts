/** Finds the Service that a rule belongs to, from the rule itself. */
import { isChainOfOneService } from '../../iptables/chain-owners.ts';
import { type ServicePortRef, servicePortText } from '../../model/objects.ts';
import type { Step } from './paths.ts';

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

/**
 * How comments name service ports: `ns1/svc1:p80`, or `ns1/svc1` where the port has no name, and
 * `ns1/svc1:` of an old kube-proxy.
 */
const inComment = new RegExp(`(?:^| )(${label})/(${label})(?::(${label})?)?(?= |$)`);

/** kube-proxy's chains in nftables mode: `service-ULMVA6XW-ns1/svc1/tcp/p80`, `endpoint-…__10.0.0.1/80`. */
const inChain = new RegExp(`^[a-z]+-[A-Z2-7]{8}-(${label})/(${label})/(?:tcp|udp|sctp)/(${label})?(?:__|$)`);

/** nftables chains of a single Service, though not every rule in them names it. */
const ofOneService = /^(?:affinity|endpoint)-/;

/** `namespace/name:port`. `before` is the Service of the rule that led here. */
export function ownerOf(step: Step, comment: string | undefined, before: string | undefined): string | undefined {
  if (step.owner !== undefined && step.owner !== '') return step.owner.replace(/ (?:TCP|UDP|SCTP)$/, '');
  const named = serviceOfChain(step.chain) ?? serviceOfComment(comment);
  if (named !== undefined) return servicePortText(named);
  if (before !== undefined && (isChainOfOneService(step.chain) || ofOneService.test(step.chain))) return before;
  const ofElement = serviceOfElement(step.element);
  return ofElement === undefined ? undefined : servicePortText(ofElement);
}

/** The service port that a rule's comment names. */
export function serviceOfComment(comment: string | undefined): ServicePortRef | undefined {
  return refIn(inComment.exec(comment ?? ''));
}

/** The service port in kube-proxy's name of an nftables chain. */
export function serviceOfChain(chain: string): ServicePortRef | undefined {
  return refIn(inChain.exec(chain));
}

/** For an element of a verdict map, from the name of its target chain. */
function serviceOfElement(element: string | undefined): ServicePortRef | undefined {
  return serviceOfChain(/ : (?:goto|jump) (\S+)$/.exec(element ?? '')?.[1] ?? '');
}

function refIn(match: RegExpExecArray | null): ServicePortRef | undefined {
  const [, namespace, name, portName = ''] = match ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name, portName };
}
