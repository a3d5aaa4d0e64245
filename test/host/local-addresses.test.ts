import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ipFamilies } from '../../src/core/model/address.ts';
import { isIpv6Off, localAddresses, watchLocalAddresses } from '../../src/host/local-addresses.ts';
import { until } from '../support/until.ts';

const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.1.0.0/16 2 0 2
        |-- 10.1.0.0
           /16 link UNICAST
        |-- 10.1.0.7
           /32 host LOCAL
        |-- 10.1.0.8
           /32 universe UNICAST
        |-- 10.1.255.255
           /32 link BROADCAST
Local:
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
        |-- 10.1.0.7
           /32 host LOCAL
`;

describe('localAddresses', () => {
  it('reads the addresses, each once, and no route, neighbour or broadcast address', async () => {
    expect(await localAddresses('IPv4', () => Promise.resolve(trie))).toEqual(['10.1.0.7', '127.0.0.1']);
  });

  it('reads IPv6 in the canonical form', async () => {
    const table =
      '20010db8000000000000000000000001 04 40 20 80     eth0\n00000000000000000000000000000001 01 80 10 80 lo\n';
    expect(await localAddresses('IPv6', () => Promise.resolve(table))).toEqual(['2001:db8::1', '::1']);
  });

  it('has none of a family that the kernel lacks, and does not hide other errors', async () => {
    const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
    expect(await localAddresses('IPv6', failing('ENOENT'))).toEqual([]);
    await expect(localAddresses('IPv6', failing('EACCES'))).rejects.toThrow('EACCES');
  });

  it.each(ipFamilies)('knows at least the %s addresses that Node knows of this machine', async (family) => {
    const known = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const wanted = known.filter((each) => each.family === family).map(({ address }) => address);
    expect(await localAddresses(family)).toEqual(expect.arrayContaining(wanted));
  });
});

describe('watchLocalAddresses', () => {
  it('calls back soon, when the addresses are others, and not after the signal', async () => {
    const seen: string[] = [];
    const stopping = new AbortController();
    let text = trie;
    let reads = 0;
    const read = (): Promise<string> => {
      reads += 1;
      return reads === 2 ? Promise.reject(new Error('not now')) : Promise.resolve(text);
    };
    const { signal } = stopping;
    watchLocalAddresses('IPv4', (addresses) => seen.push(addresses.join(' ')), { signal, everyMs: 1, read });
    await until(() => expect(reads).toBeGreaterThan(3));
    expect(seen).toEqual(['10.1.0.7 127.0.0.1']);
    text = trie.replaceAll('10.1.0.7', '10.1.0.9');
    await until(() => expect(seen.slice(1)).toEqual(['10.1.0.9 127.0.0.1']));
    stopping.abort();
    text = trie;
    const readsAtEnd = reads;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([reads, seen.length]).toEqual([readsAtEnd, 2]);
  });
});

it.each([
  ['the kernel does not have it', {}, true],
  ['it is disabled', { '/proc/net/if_inet6': '', '/proc/sys/net/ipv6/conf/all/disable_ipv6': '1\n' }, true],
  ['no interface is up yet', { '/proc/net/if_inet6': '', '/proc/sys/net/ipv6/conf/all/disable_ipv6': '0\n' }, false],
  [
    'an interface has it in spite of the setting for all',
    { '/proc/net/if_inet6': '00000000000000000000000000000001 01 80 10 80 lo\n' },
    false,
  ],
])('IPv6 is off or not where %s', async (_, files: Readonly<Record<string, string>>, isOff) => {
  const read = (path: string): Promise<string> => {
    const text = files[path];
    return text === undefined
      ? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))
      : Promise.resolve(text);
  };
  expect(await isIpv6Off(read)).toBe(isOff);
});
