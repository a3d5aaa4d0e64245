/** The API server in the node's namespace, with the shop in it, and a record of what it said when. */
import { type ApiServer, startApiServer } from '../../../scripts/lab/api-server/server.ts';
import type { RawObject } from '../../../scripts/lab/api-server/store.ts';
import type { Random } from '../support/random.ts';
import { nodeAddress, nodeName, type Stage } from './network.ts';
import { changed, nameOf, newService, objectsOf, type ShopService, serviceNumbers } from './shop.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** Nobody but the API server may get to read it. */
export const token = 'a-token-that-no-log-may-have';

export interface ShopCluster {
  readonly server: ApiServer;
  readonly timeline: Timeline;
  readonly services: ReadonlyMap<number, ShopService>;
  /** One of the Services, by chance, becomes something else. */
  changeOne(random: Random): void;
  put(service: ShopService): void;
}

const node: RawObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: nodeName },
  spec: { podCIDRs: ['10.244.0.0/24', 'fd00:10:244::/64'] },
  status: {
    addresses: [nodeAddress, '2001:db8:2::10'].map((address) => ({ type: 'InternalIP', address })),
  },
};

const serviceCidr: RawObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'kubernetes' },
  spec: { cidrs: ['10.96.0.0/16', 'fd00:10:96::/112'] },
};

export async function startCluster(stage: Stage): Promise<ShopCluster> {
  const server = await startApiServer({ accepts: { token }, openDoor: stage.agent(nodeName).openDoor });
  const timeline = createTimeline();
  const services = new Map<number, ShopService>();
  for (const object of [node, serviceCidr]) server.set(object);
  const put = (service: ShopService, atMs?: number): void => {
    const before = services.get(service.number);
    services.set(service.number, service);
    timeline.note(service, atMs);
    const objects = objectsOf(service);
    if (service.exists) for (const object of objects) server.set(object);
    else if (before?.exists === true) {
      for (const { kind, metadata } of objects) server.delete(kind, `${metadata.namespace}/${metadata.name}`);
    }
  };
  for (const number of serviceNumbers) put(newService(number), 0);
  return {
    server,
    timeline,
    services,
    put,
    changeOne(random) {
      const service = services.get(random.pick(serviceNumbers));
      if (service === undefined) throw new Error(`there is no ${nameOf(0)}`);
      put(changed(service, random));
    },
  };
}
