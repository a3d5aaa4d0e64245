/** The addresses that this machine answers to, as its kernel has them: also those of interfaces without a carrier. */
import { readFile } from 'node:fs/promises';
import { type IpAddress, type IpFamily, parseIpAddress } from '../core/model/address.ts';

/** Reads a file of /proc. */
type ReadText = (path: string) => Promise<string>;

const readText: ReadText = (path) => readFile(path, 'utf8');

/**
 * All of one family, sorted as the kernel lists them, in the network namespace of this process. Empty where the kernel
 * does not know the family.
 */
export async function localAddresses(family: IpFamily, read: ReadText = readText): Promise<readonly IpAddress[]> {
  try {
    return family === 'IPv4' ? readTrie(await read('/proc/net/fib_trie')) : readTable(await read('/proc/net/if_inet6'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Whether IPv6 is off on this node: the kernel does not have it, or all interfaces have it disabled. */
export async function isIpv6Off(read: ReadText = readText): Promise<boolean> {
  const readOptional = (path: string): Promise<string> => read(path).catch(() => '');
  try {
    if ((await read('/proc/net/if_inet6')).trim() !== '') return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
  // There is no address: because of the setting, or only because no interface is up yet.
  return (await readOptional('/proc/sys/net/ipv6/conf/all/disable_ipv6')).trim() === '1';
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  readonly read?: ReadText;
}

/**
 * Calls back with the addresses of a family at the start, and each time they change, until the signal aborts. The
 * kernel is asked every few seconds: two small files, and no program that the image would have to have.
 */
export function watchLocalAddresses(
  family: IpFamily,
  onChange: (addresses: readonly IpAddress[]) => void,
  { signal, everyMs = 5000, read = readText }: WatchOptions,
): void {
  let last: string | undefined;
  const look = async (): Promise<void> => {
    const addresses = await localAddresses(family, read);
    if (signal.aborted) return;
    const text = addresses.join(' ');
    if (text === last) return;
    last = text;
    onChange(addresses);
  };
  const lookAgain = (): void => void look().catch(() => undefined);
  lookAgain();
  const timer = setInterval(lookAgain, everyMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** `/proc/net/fib_trie`: an address in one line, and in those below it which kinds of route it has. */
function readTrie(text: string): readonly IpAddress[] {
  const found = new Set<IpAddress>();
  let leaf: IpAddress | undefined;
  for (const line of text.split('\n')) {
    const node = /^\s*\|-- (\S+)$/.exec(line);
    if (node !== null) leaf = parseIpAddress(node[1] ?? '');
    else if (leaf !== undefined && /^\s*\/32 host LOCAL$/.test(line)) found.add(leaf);
  }
  return [...found];
}

/** `/proc/net/if_inet6`: 32 digits without colons, then numbers and the name of the interface. */
function readTable(text: string): readonly IpAddress[] {
  const found = new Set<IpAddress>();
  for (const line of text.split('\n')) {
    const groups = /^[0-9a-f]{32}(?= )/.exec(line)?.[0].match(/.{4}/g);
    const address = groups === undefined || groups === null ? undefined : parseIpAddress(groups.join(':'));
    if (address !== undefined) found.add(address);
  }
  return [...found];
}
