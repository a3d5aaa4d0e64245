/** Explains Services without rules by design (headless, ExternalName, another proxy), and what clients see. */
import type { Aside } from '../cluster-facts.ts';
import type { PacketRemark } from '../explanation.ts';
import { remark } from './remark.ts';

export function describeAside(service: string, aside: Aside): PacketRemark {
  switch (aside.kind) {
    case 'headless':
      return remark(
        'service-headless',
        `Service ${service} is headless (clusterIP None): DNS returns the addresses of its pods, `,
        'and packets go to them directly',
      );
    case 'externalName':
      return remark(
        'service-external-name',
        `Service ${service} is of type ExternalName: DNS returns ${aside.host}, `,
        'and it needs no rules',
      );
    case 'otherProxy':
      return remark(
        'service-of-another-proxy',
        `Service ${service} has the label ${aside.label}=${aside.value}, `,
        'so kube-proxy and rulewright leave it to another proxy',
      );
    default:
      return aside satisfies never;
  }
}
