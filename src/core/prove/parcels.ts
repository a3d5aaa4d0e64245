/**
 * Divides the header space of a family into disjoint parcels that cover it. For packets that open a connection: one for
 * each frontend address, one for each NodePort at the node's own addresses, and the rest. One more for all other
 * packets. Parcels only divide the work: the proof of one stays valid while others change.
 */

import type { TraceHost } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import { indexPlan } from '../trace/plan/frontend-index.ts';
import { localQuestion, nameQuestion, pointOf, whichKey, whichOf } from '../trace/witness.ts';
import { divide, type Ranges } from './ranges.ts';
import { type Region, wholeSpace } from './region.ts';

export interface Parcel {
  /** Stable between calls: an address, `NodePort TCP 30080`, `elsewhere`, `not new`. */
  readonly name: string;
  readonly region: Region;
}

export function parcelsOf(plan: Plan, host: TraceHost): readonly Parcel[] {
  const { addresses, nodePorts } = indexPlan(plan);
  const everything = wholeSpace(plan.family);
  const { inside: isNew = [], outside: notNew = [] } = divide(everything.ctState, nameQuestion('', false).bounds);
  const space = { ...everything, ctState: isNew };
  const frontends = whichKey('destination', addresses).bounds;
  const parcels: Parcel[] = [{ name: 'not new', region: { ...everything, ctState: notNew } }];
  for (const address of addresses.keys()) {
    parcels.push({ name: address, region: { ...space, destination: pointOf(address) } });
  }
  const { outside: others } = divide(space.destination, frontends);
  if (others === undefined) return parcels;
  const { inside: local, outside: elsewhere } = divide(others, localQuestion(host, plan.family).bounds);
  if (local !== undefined) parcels.push(...nodeParcels({ ...space, destination: local }, nodePorts));
  if (elsewhere !== undefined) parcels.push({ name: 'elsewhere', region: { ...space, destination: elsewhere } });
  return parcels;
}

/** Each NodePort, and for each protocol all other ports. */
function nodeParcels(node: Region, nodePorts: ReturnType<typeof indexPlan>['nodePorts']): readonly Parcel[] {
  const parcels: Parcel[] = [];
  let protocols: Ranges | undefined = node.protocol;
  for (const [protocol, ports] of nodePorts) {
    const only = whichOf('protocol', { values: [protocol], tellsApart: true }).bounds;
    const region = { ...node, protocol: only };
    for (const port of ports.keys()) {
      parcels.push({ name: `NodePort ${protocol} ${port}`, region: { ...region, port: [port, port + 1] } });
    }
    const { outside } = divide(node.port, whichKey('port', ports).bounds);
    if (outside !== undefined) parcels.push({ name: `node ${protocol}`, region: { ...region, port: outside } });
    protocols = protocols === undefined ? undefined : divide(protocols, only).outside;
  }
  if (protocols !== undefined) parcels.push({ name: 'node', region: { ...node, protocol: protocols } });
  return parcels;
}
