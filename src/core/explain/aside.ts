/** Services that this proxy leaves alone, and what that means for whoever connects to them. */
import type { Remark } from './explanation.ts';
import type { Aside } from './surroundings.ts';

export function describeAside(service: string, aside: Aside): Remark {
  switch (aside.kind) {
    case 'headless':
      return {
        code: 'service-headless',
        text: `Service ${service} is headless (clusterIP None): DNS gives the addresses of its pods, and packets go to them without any rule`,
      };
    case 'externalName':
      return {
        code: 'service-external-name',
        text: `Service ${service} is of type ExternalName: DNS answers with ${aside.host}, and no rule has to do with it`,
      };
    case 'otherProxy':
      return {
        code: 'service-of-another-proxy',
        text: `Service ${service} has the label ${aside.label}=${aside.value}, so kube-proxy and rulewright leave it to another proxy`,
      };
    default:
      return aside satisfies never;
  }
}
