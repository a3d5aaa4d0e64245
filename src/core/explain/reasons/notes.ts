/** Notes about a frontend: conflicting claims, and unusual EndpointSlices. */
import { formatHostPort } from '../../model/address.ts';
import { type EndpointSlice, namespacedName } from '../../model/objects.ts';
import { compareText } from '../../structures/compare-text.ts';
import { findIn } from '../../structures/shards.ts';
import type { Case, PacketFrontend } from '../case.ts';
import type { PacketRemark } from '../explanation.ts';
import { servicesAt } from '../world.ts';
import { remark } from './remark.ts';

export function noteFrontend(frontend: PacketFrontend, asked: Case): readonly PacketRemark[] {
  return [...noteRivals(frontend, asked), ...noteSlices(frontend, asked)];
}

/** Services that claim the same address and port, but lost the conflict. */
function noteRivals({ key, port, kind }: PacketFrontend, { world, packet }: Case): readonly PacketRemark[] {
  if (kind === 'nodePort') return [];
  return servicesAt(world, packet.destination)
    .filter((service) => namespacedName(service) !== key)
    .filter(({ ports }) => ports.some((each) => each.port === port.port && each.protocol === port.protocol))
    .map((service) => {
      const name = namespacedName(service);
      return remark('also-claimed', `Service ${name} also claims this address and port, but Service ${key} has it`);
    });
}

/** Entries of the EndpointSlices that are not endpoints of the service port. */
function noteSlices({ key, port }: PacketFrontend, { world, plan }: Case): readonly PacketRemark[] {
  const slices = [...(findIn(world.snapshot.slices, key)?.values() ?? [])];
  const ofFamily = slices.filter(({ family }) => family === plan.family);
  const isPort: IsPort = ({ name, protocol }) => name === port.name && protocol === port.protocol;
  const withoutPort = ofFamily.filter(({ ports, endpoints }) => endpoints.length > 0 && !ports.some(isPort));
  return [
    ...withoutPort.map(noteMissingPort(port)),
    ...noteOtherFamily(slices.filter(({ family }) => family !== plan.family)),
    ...noteDuplicates(ofFamily, isPort),
  ];
}

/** Whether a port of a slice is the one in question. */
type IsPort = (port: EndpointSlice['ports'][number]) => boolean;

function noteMissingPort(port: PacketFrontend['port']): (slice: EndpointSlice) => PacketRemark {
  const wanted = port.name === '' ? `without a name (${port.protocol})` : `called ${port.name} (${port.protocol})`;
  return ({ name, ports, endpoints }) => {
    const has = ports.map((each) => `${each.name === '' ? 'no name' : each.name} (${each.protocol})`).join(', ');
    return remark(
      'port-missing',
      `EndpointSlice ${name} has no port ${wanted}, so its endpoints are not used (${endpoints.length}); `,
      `it has ${has || 'none'}`,
    );
  };
}

function noteOtherFamily(slices: readonly EndpointSlice[]): readonly PacketRemark[] {
  const count = slices.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  const [first] = slices;
  if (first === undefined || count === 0) return [];
  return [remark('other-family', `${first.family} endpoints, not for this packet: ${count}`)];
}

/** At most this many are listed. */
const maxShown = 5;

function noteDuplicates(slices: readonly EndpointSlice[], isPort: IsPort): readonly PacketRemark[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { ports, endpoints } of slices) {
    for (const { port } of ports.filter(isPort)) {
      for (const { address } of endpoints) {
        const key = formatHostPort(address, port);
        if (seen.has(key)) repeated.add(key);
        seen.add(key);
      }
    }
  }
  if (repeated.size === 0) return [];
  const list = [...repeated].toSorted(compareText).slice(0, maxShown).join(', ');
  return [
    remark('duplicate', `listed more than once, counted once: ${list}${repeated.size > maxShown ? ', ...' : ''}`),
  ];
}
