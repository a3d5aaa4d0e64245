/** At which addresses of this node NodePorts are reached: what conntrack and health checks go by. */
import { parseIpAddress } from '../core/model/address.ts';
import { cidrContains } from '../core/model/cidr.ts';
import type { Plan } from '../core/model/plan.ts';

/** Those of the local addresses (as text) that the plan has for NodePorts; none without a plan. */
export function nodePortAddresses(plan: Plan | undefined, local: readonly string[]): ReadonlySet<string> {
  if (plan === undefined) return new Set();
  const { within, except } = plan.nodePorts;
  const accepted = local.filter((text) => {
    const address = parseIpAddress(text);
    if (address === undefined || (except !== undefined && cidrContains(except, address))) return false;
    return within.some((block) => cidrContains(block, address));
  });
  return new Set(accepted);
}
