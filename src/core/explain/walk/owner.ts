/** Which Service a rule is there for, as far as the rule itself says. */
import { isChainOfOneService } from '../../iptables/chain-owners.ts';
import type { Step } from './paths.ts';

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

/** `ns1/svc1:p80`, or `ns1/svc1` where the port has no name: how comments name service ports. */
const inComment = new RegExp(`(?:^| )(${label}/${label}(?::${label})?)(?= |$)`);

/** kube-proxy's chains in nftables mode: `service-ULMVA6XW-ns1/svc1/tcp/p80`, `endpoint-…__10.0.0.1/80`. */
const inChain = new RegExp(`^[a-z]+-[A-Z2-7]{8}-(${label})/(${label})/(?:tcp|udp|sctp)/(${label})?(?:__|$)`);

/** nftables chains that are made for one Service, though not every rule in them says for which. */
const ofOneService = /^(?:affinity|endpoint)-/;

/** `namespace/name:port`. `before` is the Service of the rule that led here. */
export function ownerOf(step: Step, comment: string | undefined, before: string | undefined): string | undefined {
  if (step.owner !== undefined && step.owner !== '') return step.owner.replace(/ (?:TCP|UDP|SCTP)$/, '');
  return (
    serviceOfChain(step.chain) ??
    serviceOfComment(comment) ??
    (isChainOfOneService(step.chain) || ofOneService.test(step.chain) ? before : undefined) ??
    serviceOfElement(step.element)
  );
}

export function serviceOfComment(comment: string | undefined): string | undefined {
  return comment === undefined ? undefined : inComment.exec(comment)?.[1];
}

export function serviceOfChain(chain: string): string | undefined {
  const [, namespace, name, port] = inChain.exec(chain) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return port === undefined ? `${namespace}/${name}` : `${namespace}/${name}:${port}`;
}

/** Of a verdict map: the chain that it leads to. */
function serviceOfElement(element: string | undefined): string | undefined {
  const chain = element === undefined ? undefined : / : (?:goto|jump) (\S+)$/.exec(element)?.[1];
  return chain === undefined ? undefined : serviceOfChain(chain);
}
