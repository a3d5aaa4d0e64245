/** The addresses that this node answers to, as they are now. */
import type { IpAddress, IpFamily } from '../../core/model/address.ts';
import { watchLocalAddresses } from '../../host/local-addresses.ts';

/** Gives what is known of a family, until the signal aborts; calls back when it has become something else. */
export function followNodeAddresses(
  families: readonly IpFamily[],
  onChange: () => void,
  signal: AbortSignal,
): (family: IpFamily) => readonly IpAddress[] {
  const known = new Map<IpFamily, readonly IpAddress[]>();
  for (const family of families) {
    const take = (addresses: readonly IpAddress[]): void => {
      known.set(family, addresses);
      onChange();
    };
    watchLocalAddresses(family, take, { signal });
  }
  return (family) => known.get(family) ?? [];
}
