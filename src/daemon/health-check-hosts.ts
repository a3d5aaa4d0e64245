/** Where the health checks of load balancers listen: on the addresses that take NodePorts, as kube-proxy has it. */
import { type IpAddress, type IpFamily, ipFamilies, type PerFamily } from '../core/model/address.ts';
import { isWholeFamily } from '../core/model/cidr.ts';
import type { Plan } from '../core/model/plan.ts';
import { nodePortAddresses } from '../host/node-port-addresses.ts';

/** `::` stands for every address of both families. */
export function healthCheckHosts(
  plans: PerFamily<Plan>,
  localAddresses: (family: IpFamily) => readonly IpAddress[],
): readonly string[] {
  const hosts = ipFamilies.flatMap((family) => {
    const plan = plans[family];
    if (plan === undefined) return [];
    if (plan.nodePorts.within.some(isWholeFamily)) return ['::'];
    return [...nodePortAddresses(plan, localAddresses(family))];
  });
  return hosts.includes('::') ? ['::'] : hosts;
}
