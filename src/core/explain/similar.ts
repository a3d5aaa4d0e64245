/** Suggests names and addresses that the user may have meant. */
import { addressBits, familyOf, type IpAddress } from '../model/address.ts';

const shown = 3;

/** At most three names, the likeliest first: the same name in another namespace, then similar names. */
export function similarNames(wanted: string, names: Iterable<string>): readonly string[] {
  const ownName = wanted.slice(wanted.indexOf('/') + 1);
  const limit = Math.max(2, Math.floor(wanted.length / 4));
  return [...names]
    .map((name) => {
      const isNamesake = name.slice(name.indexOf('/') + 1) === ownName;
      return { name, distance: isNamesake ? 0 : editDistance(wanted, name, limit) };
    })
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, shown)
    .map(({ name }) => name);
}

/** The edit distance; if it exceeds the limit, any number above the limit. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** At most three addresses, the numerically nearest first. */
export function nearestAddresses(wanted: IpAddress, addresses: Iterable<IpAddress>): readonly IpAddress[] {
  const bits = addressBits(wanted);
  const distance = (address: IpAddress): bigint => {
    const difference = addressBits(address) - bits;
    return difference < 0n ? -difference : difference;
  };
  return [...new Set(addresses)]
    .filter((address) => familyOf(address) === familyOf(wanted))
    .map((address) => ({ address, distance: distance(address) }))
    .sort((a, b) => (a.distance === b.distance ? 0 : a.distance < b.distance ? -1 : 1))
    .slice(0, shown)
    .map(({ address }) => address);
}
