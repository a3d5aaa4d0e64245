/** Where the health checks of load balancers listen: on the addresses that take NodePorts, as kube-proxy has it. */
import type { IpAddress } from '../../core/model/address.ts';
import { isWholeFamily } from '../../core/model/cidr.ts';
import type { Plan } from '../../core/model/plan.ts';
import { nodePortAddresses } from '../../host/node-port-addresses.ts';

/** Of the plan's family; `0.0.0.0` or `::` for every address. */
export function healthCheckHosts(plan: Plan, localAddresses: readonly IpAddress[]): readonly string[] {
  if (plan.nodePorts.within.some(isWholeFamily)) return [plan.family === 'IPv4' ? '0.0.0.0' : '::'];
  return [...nodePortAddresses(plan, localAddresses)];
}
