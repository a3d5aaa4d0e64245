/** The addresses that this node answers to, as they are now. */
import type { IpAddress, IpFamily } from '../../core/model/address.ts';
import { watchLocalAddresses } from '../../host/local-addresses.ts';

/** The addresses, followed. */
export interface NodeAddresses {
  /** What is known of a family now; empty until the kernel has been asked. */
  readonly of: (family: IpFamily) => readonly IpAddress[];
  /** Calls back each time that the addresses of a family are found to be others. */
  readonly onChange: (callback: () => void) => void;
}

/** Follows the addresses of these families until the signal aborts. */
export function followNodeAddresses(families: readonly IpFamily[], signal: AbortSignal): NodeAddresses {
  const known = new Map<IpFamily, readonly IpAddress[]>();
  const callbacks: (() => void)[] = [];
  for (const family of families) {
    const take = (addresses: readonly IpAddress[]): void => {
      known.set(family, addresses);
      for (const callback of callbacks) callback();
    };
    watchLocalAddresses(family, take, { signal });
  }
  return { of: (family) => known.get(family) ?? [], onChange: (callback) => callbacks.push(callback) };
}
