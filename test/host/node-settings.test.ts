import { describe, expect, it } from 'vitest';
import { applyNodeSettings, isTcpLiberal, type KernelFiles, type NodeSettings } from '../../src/host/node-settings.ts';

const nothing: NodeSettings = {
  conntrack: {
    maxPerCore: undefined,
    min: undefined,
    tcpEstablishedTimeoutMs: undefined,
    tcpCloseWaitTimeoutMs: undefined,
    tcpBeLiberal: false,
    udpTimeoutMs: undefined,
    udpStreamTimeoutMs: undefined,
  },
  oomScoreAdj: undefined,
  routeLocalnet: false,
};

/** What kube-proxy sets by default, and the rest too. */
const everything: NodeSettings = {
  conntrack: {
    maxPerCore: 32768,
    min: 131072,
    tcpEstablishedTimeoutMs: 86_400_000,
    tcpCloseWaitTimeoutMs: 3_600_000,
    tcpBeLiberal: true,
    udpTimeoutMs: 30_000,
    udpStreamTimeoutMs: 180_500,
  },
  oomScoreAdj: -999,
  routeLocalnet: true,
};

const netfilter = '/proc/sys/net/netfilter';
const fresh: Readonly<Record<string, string>> = {
  [`${netfilter}/nf_conntrack_max`]: '65536\n',
  '/sys/module/nf_conntrack/parameters/hashsize': '16384\n',
  [`${netfilter}/nf_conntrack_tcp_timeout_established`]: '432000\n',
  [`${netfilter}/nf_conntrack_tcp_timeout_close_wait`]: '60\n',
  [`${netfilter}/nf_conntrack_udp_timeout`]: '30\n',
  [`${netfilter}/nf_conntrack_udp_timeout_stream`]: '120\n',
  [`${netfilter}/nf_conntrack_tcp_be_liberal`]: '0\n',
  '/proc/sys/net/ipv4/conf/all/route_localnet': '0\n',
  '/proc/self/oom_score_adj': '0\n',
};

function fail(code: string): never {
  throw Object.assign(new Error(code), { code });
}

/** Files in memory, and all writes to them. `refusals`: what writing to a path fails with. */
function filesOf(content: Readonly<Record<string, string>>, refusals: Readonly<Record<string, string>> = {}) {
  const texts = new Map(Object.entries(content));
  const writes: string[] = [];
  const files: KernelFiles = {
    read: async (path) => texts.get(path) ?? (await Promise.reject(Object.assign(new Error(), { code: 'ENOENT' }))),
    write: (path, text) => {
      const code = refusals[path] ?? (texts.has(path) ? undefined : 'ENOENT');
      if (code !== undefined) return Promise.resolve().then(() => fail(code));
      writes.push(`${path} ${text}`);
      texts.set(path, text);
      return Promise.resolve();
    },
  };
  return { files, writes };
}

describe('applyNodeSettings', () => {
  it('sets what kube-proxy sets, and only what is not so yet', async () => {
    const { files, writes } = filesOf(fresh);
    const results = await applyNodeSettings(everything, { files, cores: 8 });
    expect(writes).toEqual([
      `${netfilter}/nf_conntrack_max 262144`,
      '/sys/module/nf_conntrack/parameters/hashsize 65536',
      `${netfilter}/nf_conntrack_tcp_timeout_established 86400`,
      `${netfilter}/nf_conntrack_tcp_timeout_close_wait 3600`,
      `${netfilter}/nf_conntrack_udp_timeout_stream 180`,
      `${netfilter}/nf_conntrack_tcp_be_liberal 1`,
      '/proc/sys/net/ipv4/conf/all/route_localnet 1',
      '/proc/self/oom_score_adj -999',
    ]);
    expect(results.map(({ name, outcome }) => `${name}: ${outcome.kind}`)).toContain(
      'net.netfilter.nf_conntrack_udp_timeout: kept',
    );
    expect(results[0]).toEqual({
      name: 'net.netfilter.nf_conntrack_max',
      path: `${netfilter}/nf_conntrack_max`,
      wanted: 262144,
      was: 65536,
      outcome: { kind: 'set' },
    });
  });

  it('writes nothing the second time', async () => {
    const { files, writes } = filesOf(fresh);
    await applyNodeSettings(everything, { files, cores: 8 });
    const first = writes.length;
    const again = await applyNodeSettings(everything, { files, cores: 8 });
    expect(writes).toHaveLength(first);
    expect(again.every(({ outcome }) => outcome.kind === 'kept')).toBe(true);
  });

  it('leaves everything alone when nothing is asked for', async () => {
    expect(await applyNodeSettings(nothing, filesOf(fresh))).toEqual([]);
    const zeros = { ...nothing, conntrack: { ...nothing.conntrack, maxPerCore: 0, min: 131072, udpTimeoutMs: 0 } };
    expect(await applyNodeSettings(zeros, filesOf(fresh))).toEqual([]);
  });

  it.each([
    [2, 131072],
    [8, 262144],
  ])('of %d cores makes a table of %d: the minimum, or so much for each core', async (cores, max) => {
    const { files } = filesOf(fresh);
    expect((await applyNodeSettings(everything, { files, cores }))[0]?.wanted).toBe(max);
  });

  it.each(['9999999', '0'])('never lowers a limit of %s (0: none) or the number of buckets', async (limit) => {
    const large = {
      [`${netfilter}/nf_conntrack_max`]: limit,
      '/sys/module/nf_conntrack/parameters/hashsize': '70000',
    };
    const { files, writes } = filesOf({ ...fresh, ...large }, { [`${netfilter}/nf_conntrack_max`]: 'EACCES' });
    const results = await applyNodeSettings(everything, { files, cores: 8 });
    expect(results[0]?.outcome).toEqual({ kind: 'kept' });
    expect(writes.join()).not.toMatch(/hashsize|conntrack_max/);
  });

  it.each([
    [32, 32768, 131072],
    [33, 32768, 131072],
    [2, 32768, 4_000_000],
  ])('makes no table of more than 1,048,576: %d cores, %d each, at least %d', async (cores, maxPerCore, min) => {
    const { files, writes } = filesOf(fresh);
    const conntrack = { ...nothing.conntrack, maxPerCore, min };
    await applyNodeSettings({ ...nothing, conntrack }, { files, cores });
    expect(writes).toEqual([
      `${netfilter}/nf_conntrack_max 1048576`,
      '/sys/module/nf_conntrack/parameters/hashsize 262144',
    ]);
  });

  it('never makes a timeout of 0 out of less than a second', async () => {
    const { files } = filesOf(fresh);
    const settings = { ...nothing, conntrack: { ...nothing.conntrack, udpTimeoutMs: 200 } };
    expect((await applyNodeSettings(settings, { files }))[0]?.wanted).toBe(1);
  });

  it.each([
    ['EROFS', 'net.netfilter.nf_conntrack_max cannot be set to 131072 and stays 65536: it is mounted read-only'],
    ['EACCES', 'net.netfilter.nf_conntrack_max cannot be set to 131072 and stays 65536: this process may not write it'],
    ['EIO', 'net.netfilter.nf_conntrack_max cannot be set to 131072 and stays 65536: EIO'],
  ])('names what %s keeps it from setting, and does the rest', async (code, problem) => {
    const { files, writes } = filesOf(fresh, { [`${netfilter}/nf_conntrack_max`]: code });
    const results = await applyNodeSettings(everything, { files, cores: 2 });
    expect(results[0]?.outcome).toMatchObject({ kind: 'failed', code, problem });
    expect(results[0]?.outcome).toHaveProperty('remedy', expect.stringContaining('--init-only'));
    expect(writes).toHaveLength(7);
  });

  it('says which module is missing, and which capability', async () => {
    const { files } = filesOf({ '/proc/self/oom_score_adj': '0' }, { '/proc/self/oom_score_adj': 'EACCES' });
    const results = await applyNodeSettings(everything, { files, cores: 2 });
    const remedies = results.map(({ outcome }) => ('remedy' in outcome ? outcome.remedy : ''));
    expect(remedies[0]).toContain('modprobe nf_conntrack');
    expect(remedies.at(-1)).toContain('SYS_RESOURCE');
  });
});

it.each([
  ['1\n', true],
  ['0\n', false],
  [undefined, false],
])('tcp_be_liberal of a node that has %j counts: %s', async (text, isLiberal) => {
  const { files } = filesOf(text === undefined ? {} : { [`${netfilter}/nf_conntrack_tcp_be_liberal`]: text });
  expect(await isTcpLiberal(files)).toBe(isLiberal);
});
