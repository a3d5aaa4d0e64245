/** The snapshot of a cluster as far as a dump's rules show it: Services with addresses and ports. */
import { familyOf, type IpFamily } from '../../model/address.ts';
import { type NamespacedRef, namespacedName, type Service } from '../../model/objects.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { emptySnapshot, reduce } from '../../snapshot/snapshot.ts';
import { readDump } from './dump.ts';
import { type DumpFrontend, frontendsOfDump } from './frontends.ts';

/** None where there is no dump of this family. */
export function frontendsIn(text: string, family: IpFamily): readonly DumpFrontend[] {
  const dump = readDump(text, family);
  return dump.kind === 'unclear' ? [] : frontendsOfDump(dump.value.rules);
}

/** Services as the rules know them, so that names mean something. */
export function snapshotOfFrontends(frontends: readonly DumpFrontend[]): Snapshot {
  const services = new Map<string, Service>();
  for (const { service, address, protocol, port } of frontends) {
    const key = namespacedName(service);
    const known = services.get(key) ?? emptyService(service);
    const isSame = known.ports.some((each) => each.port === port && each.protocol === protocol);
    const clusterIps = { [familyOf(address)]: address, ...known.clusterIps };
    services.set(key, {
      ...known,
      clusterIps,
      externalIps: Object.values(clusterIps).includes(address) ? known.externalIps : [...known.externalIps, address],
      ports: isSame ? known.ports : [...known.ports, { name: service.portName, protocol, port }],
    });
  }
  const events = [...services.values()].map(
    (object) => ({ type: 'set', manifest: { kind: 'Service', object } }) as const,
  );
  return reduce(emptySnapshot, events);
}

function emptyService({ namespace, name }: NamespacedRef): Service {
  return {
    namespace,
    name,
    clusterIps: {},
    externalIps: [],
    loadBalancerIps: [],
    loadBalancerSourceRanges: [],
    ports: [],
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
  };
}
