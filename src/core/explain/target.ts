/** Describes the target of a packet. */
import { formatHostPort } from '../model/address.ts';
import { namespacedName } from '../model/objects.ts';
import { isLocalAddress } from '../trace/host.ts';
import { indexPlan } from '../trace/plan/frontend-index.ts';
import type { Case, PacketFrontend } from './case.ts';
import type { PacketTarget } from './explanation.ts';
import { findEndpoint } from './world.ts';

export function describeTarget(asked: Case): PacketTarget {
  const { frontend, plan, packet, world } = asked;
  if (frontend !== undefined) return describeFrontend(frontend, asked);
  const { destination, port, protocol } = packet;
  const at = `${formatHostPort(destination, port)}/${protocol}`;
  if (protocol === 'TCP' && indexPlan(plan).healthCheckPorts.has(port) && isLocalAddress(destination, world.host)) {
    const check = plan.healthChecks.find((each) => each.port === port);
    const service = check === undefined ? '' : namespacedName(check);
    return { kind: 'healthCheck', service, text: `the health check of Service ${service}, on this node` };
  }
  const endpoint = findEndpoint(world, destination);
  if (endpoint !== undefined) {
    return {
      kind: 'endpoint',
      service: endpoint.service,
      text: `${at}, the address of an endpoint of ${endpoint.service}`,
    };
  }
  return { kind: 'nothing', text: `${at}, which is not a Service frontend on this node` };
}

const kindWords = {
  clusterIP: 'cluster IP',
  externalIP: 'external IP',
  loadBalancerIP: 'load-balancer IP',
  nodePort: 'NodePort',
} as const;

function describeFrontend({ kind, key, port }: PacketFrontend, { packet }: Case): PacketTarget {
  const name = port.name === '' ? '' : ` port ${port.name}`;
  const at = kind === 'nodePort' ? `${kindWords[kind]} ${packet.port}` : `${kindWords[kind]} ${packet.destination}`;
  return {
    kind,
    service: key,
    ...(port.name === '' ? {} : { portName: port.name }),
    text: `Service ${key}${name} (${port.port}/${port.protocol}), by its ${at}`,
  };
}
