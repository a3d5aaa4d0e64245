/** The probe against programs that behave like an nft of some machine. The real one is in test/kernel. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type NftProbeOptions, type ProbeProblem, probeNftables } from '../../../src/host/nft/probe.ts';

const kernelRelease = '6.1.0-18-amd64';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rw-fake-nft-'));
  vi.stubEnv('PATH', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Puts an nft into PATH: its version, and what it does with the rules in $rules. */
function fakeNft(version: string, check = ''): void {
  const lines = [
    '#!/bin/sh',
    `[ "$*" = --version ] && { echo '${version}'; exit 0; }`,
    '[ "$*" = "-c -f -" ] || { echo "unexpected $*" >&2; exit 9; }',
    'rules=$(/bin/cat)',
    check,
    'exit 0',
  ];
  writeFileSync(join(folder, 'nft'), lines.join('\n'));
  chmodSync(join(folder, 'nft'), 0o755);
}

const nft106 = 'nftables v1.0.6 (Lester Gooch #5)';

function refuse(pattern: string, message: string): string {
  return `case "$rules" in *${pattern}*) echo '${message}' >&2; exit 1;; esac`;
}

async function problems(options: NftProbeOptions = { kernelRelease }): Promise<readonly ProbeProblem[]> {
  const result = await probeNftables(undefined, options);
  return result.kind === 'unable' ? result.problems : [];
}

describe('a machine that lacks nothing', () => {
  it('is able, with its versions', async () => {
    fakeNft(nft106);
    expect(await probeNftables(undefined, { kernelRelease })).toEqual({ kind: 'able', nft: '1.0.6', kernel: '6.1' });
  });

  it.each(['v1.0.1 (Fearless Fosdick #3)', 'v1.1.3 (Commodore Bullmoose #4)', 'v2.0', 'v1.0.10'])(
    'takes nft %s',
    async (version) => {
      fakeNft(`nftables ${version}`);
      expect(await problems()).toEqual([]);
    },
  );
});

describe('a machine without a usable nft', () => {
  it('has none at all', async () => {
    expect(await problems()).toEqual([
      {
        code: 'nft-missing',
        problem: 'there is no nft in PATH',
        remedy: 'install nftables (Debian: apt-get install nftables), or use --mode iptables',
        detail: '',
      },
    ]);
  });

  it('has one that may not be run', async () => {
    writeFileSync(join(folder, 'nft'), 'no program');
    const problem = 'nft --version cannot be started (EACCES: permission denied)';
    expect(await problems()).toMatchObject([{ code: 'nft-broken', problem }]);
  });

  it('has one that dies', async () => {
    writeFileSync(join(folder, 'nft'), '#!/bin/sh\nkill -SEGV $$\n', { mode: 0o755 });
    const [problem] = await problems();
    expect(problem).toMatchObject({ code: 'nft-broken', problem: 'nft --version was stopped (SIGSEGV)' });
  });

  it('has one that says no version', async () => {
    fakeNft('hello');
    const [problem] = await problems();
    expect(problem).toMatchObject({ code: 'nft-broken', problem: 'nft --version says no version' });
  });
});

describe('a machine that is too old', () => {
  it.each(['v0.9.8 (E.D.S.)', 'v1.0.0 (Fearless Fosdick #2)'])('has nft %s', async (version) => {
    fakeNft(`nftables ${version}`, 'exit 7');
    const [problem, ...others] = await problems();
    expect(others).toEqual([]);
    expect(problem?.code).toBe('nft-too-old');
    expect(problem?.problem).toBe(`nft ${version.slice(1, 6)} is too old: nftables mode needs nft 1.0.1`);
    expect(problem?.remedy).toContain('or use --mode iptables');
  });

  it('has an old kernel, or both', async () => {
    fakeNft(nft106);
    const kernel = 'kernel 5.4 is too old: nftables mode needs Linux 5.13';
    expect((await problems({ kernelRelease: '5.4.0-150-generic' })).map((each) => each.problem)).toEqual([kernel]);
    fakeNft('nftables v0.9.3 (Topsy)');
    expect(await problems({ kernelRelease: '5.4.0-150-generic' })).toHaveLength(2);
  });
});

it('says that the capability is missing', async () => {
  fakeNft(nft106, 'echo "netlink: Error: cache initialization failed: Operation not permitted" >&2; exit 1');
  expect(await problems()).toEqual([
    {
      code: 'no-permission',
      problem: 'nft may not ask the kernel: that takes CAP_NET_ADMIN',
      remedy: 'run as root, or give the container the capability NET_ADMIN',
      detail: 'netlink: Error: cache initialization failed: Operation not permitted',
    },
  ]);
});

describe('a machine that lacks a construct', () => {
  const lacks = 'nft 1.0.6 on kernel 6.1 lacks: ';

  it.each([
    ['fib', 'local addresses (fib daddr type local)'],
    ['fully-random', 'masquerading with random ports (masquerade fully-random)'],
    ['"ct status"', 'the status of a connection (ct status dnat)'],
    ['reject', 'refusals (reject)'],
    ['"numgen random mod 2 vmap"', 'a choice of chains by chance (numgen random mod … vmap { … })'],
    ['dynamic', 'sets that remember clients for a time (flags dynamic,timeout; update @…)'],
  ])('names what needs %s', async (pattern, name) => {
    fakeNft(nft106, refuse(pattern, 'Error: Could not process rule: No such file or directory'));
    expect(await problems()).toEqual([
      {
        code: 'construct-missing',
        problem: lacks + name,
        remedy: 'install a newer nftables or kernel, or its modules, or use --mode iptables',
        detail: 'Error: Could not process rule: No such file or directory',
      },
    ]);
  });

  it('names several, since a slot is in more than one', async () => {
    fakeNft(nft106, refuse('"numgen random mod 65536"', 'Error: syntax error, unexpected numgen'));
    const [problem] = await problems();
    const names = 'maps with a numgen slot (typeof … numgen …); destination NAT by a map with a concatenated key';
    expect(problem?.problem).toContain(lacks + names);
  });

  it('names the family that it is missing for, among those that are wanted', async () => {
    fakeNft(nft106, refuse('"table ip6"*fib', 'Error: Could not process rule'));
    const [problem] = await problems();
    expect(problem?.problem).toBe(`${lacks}local addresses (fib daddr type local) for IPv6`);
    expect(await problems({ kernelRelease, families: ['IPv4'] })).toEqual([]);
  });

  it('says when only all together is too much', async () => {
    fakeNft(nft106, refuse('fib*reject', 'Error: No buffer space available'));
    const [problem] = await problems();
    expect(problem).toMatchObject({ code: 'nft-refuses', detail: 'Error: No buffer space available' });
  });

  it('is no exception when nft crashes', async () => {
    fakeNft(nft106, 'kill -ABRT $$');
    const [problem] = await problems();
    expect(problem).toMatchObject({ code: 'construct-missing', detail: 'SIGABRT' });
  });
});
