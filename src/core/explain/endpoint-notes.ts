/** What the EndpointSlices of a Service have that is no endpoint of the service port in question. */
import { compareText, formatHostPort } from '../model/address.ts';
import type { EndpointSlice } from '../model/objects.ts';
import type { Case, Frontend } from './case.ts';
import type { Remark } from './explanation.ts';

export function noteSlices({ key, port }: Frontend, { world, plan }: Case): readonly Remark[] {
  const slices = [...(world.snapshot.slices.get(key)?.values() ?? [])];
  const ofFamily = slices.filter(({ family }) => family === plan.family);
  const hasPort = (slice: EndpointSlice) =>
    slice.ports.some(({ name, protocol }) => name === port.name && protocol === port.protocol);
  return [
    ...ofFamily.filter((slice) => slice.endpoints.length > 0 && !hasPort(slice)).map(noteMissingPort(port)),
    ...noteOtherFamily(slices.filter(({ family }) => family !== plan.family)),
    ...noteDuplicates(ofFamily.filter(hasPort)),
  ];
}

function noteMissingPort(port: Frontend['port']): (slice: EndpointSlice) => Remark {
  const wanted = port.name === '' ? `without a name (${port.protocol})` : `called ${port.name} (${port.protocol})`;
  return ({ name, ports, endpoints }) => {
    const has = ports.map((each) => `${each.name === '' ? 'no name' : each.name} (${each.protocol})`).join(', ');
    return {
      code: 'port-missing',
      text: `EndpointSlice ${name} has no port ${wanted}, so its ${endpoints.length} endpoints do not count; it has ${has || 'none'}`,
    };
  };
}

function noteOtherFamily(slices: readonly EndpointSlice[]): readonly Remark[] {
  const count = slices.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  const [first] = slices;
  if (first === undefined || count === 0) return [];
  return [{ code: 'other-family', text: `${count} more endpoints are ${first.family}, for packets of that family` }];
}

function noteDuplicates(slices: readonly EndpointSlice[]): readonly Remark[] {
  const seen = new Map<string, number>();
  for (const slice of slices) {
    for (const { address } of slice.endpoints) {
      const key = formatHostPort(address, 0);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  const repeated = [...seen].filter(([, count]) => count > 1).map(([key]) => key.replace(/:0$/, ''));
  if (repeated.length === 0) return [];
  const list = repeated.toSorted(compareText).slice(0, 5).join(', ');
  return [
    { code: 'duplicate', text: `named more than once and counted once: ${list}${repeated.length > 5 ? ', ...' : ''}` },
  ];
}
