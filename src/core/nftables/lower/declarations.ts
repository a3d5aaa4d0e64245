import type { Protocol } from '../../model/objects.ts';
import type { PoolName } from '../../model/plan.ts';
import { endpointsMap, type FrontendKind, hairpinSet, sets } from '../names.ts';
import type { NamedSet } from '../ruleset.ts';

type Declaration = Omit<NamedSet, 'groups'>;

const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
const pools: readonly PoolName[] = ['cluster', 'local'];
const address: Pick<NamedSet, 'key'> = { key: ['address', 'protocol', 'port'] };
const nodePort: Pick<NamedSet, 'key'> = { key: ['protocol', 'port'] };

/** The maps of endpoints by frontend and slot. */
const endpointMaps: readonly Declaration[] = (['address', 'nodePort'] as const).flatMap((kind) =>
  pools.flatMap((pool) => protocols.map((protocol) => endpointMap(kind, pool, protocol))),
);

/** The sets and maps that every table has, empty or not. */
export const sharedSets: readonly Declaration[] = [
  { name: sets.services, ...address, value: 'verdict' },
  { name: sets.nodePorts, ...nodePort, value: 'verdict' },
  ...endpointMaps,
  { name: sets.frontends, ...address },
  { name: sets.nodePortFrontends, ...nodePort },
  { name: sets.unchangedFrontends, ...address },
  { name: sets.refusals, ...address, value: 'verdict' },
  { name: sets.nodePortRefusals, ...nodePort, value: 'verdict' },
  { name: sets.guarded, ...address },
  { name: sets.allowedSources, key: ['address', 'protocol', 'port', 'address'], isInterval: true },
  ...protocols.flatMap((protocol): readonly Declaration[] => [
    { name: hairpinSet('address', protocol), key: ['address', 'address', 'port', 'address', 'port'] },
    { name: hairpinSet('nodePort', protocol), key: ['address', 'address', 'port', 'port'] },
  ]),
  { name: sets.nodePortAddresses, key: ['address'], isInterval: true },
  { name: sets.nodePortExceptions, key: ['address'], isInterval: true },
  { name: sets.healthCheckPorts, key: ['port'] },
  { name: sets.clusterIps, key: ['address'] },
  { name: sets.serviceCidrs, key: ['address'], isInterval: true },
];

function endpointMap(kind: FrontendKind, pool: PoolName, protocol: Protocol): Declaration {
  return {
    name: endpointsMap(kind, pool, protocol),
    key: kind === 'nodePort' ? ['port', 'slot'] : ['address', 'port', 'slot'],
    value: 'destination',
    protocol,
  };
}
