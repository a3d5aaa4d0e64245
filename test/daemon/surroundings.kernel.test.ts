/** What a node can be like: somebody holds the xtables lock, nobody takes the log, there is no IPv6. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { describeKernel } from '../support/kernel/describe.ts';
import { holdLock } from '../support/kernel/hold-lock.ts';
import { seededRandom, tell, withScene } from './stage/scene.ts';

describeKernel('the xtables lock', () => {
  it('that somebody holds for longer than one wait is waited for, and the wait is told', {
    timeout: 120_000,
  }, async () => {
    await withScene({ mode: 'iptables-legacy' }, async ({ stage, installation, kernel, churn, startTraffic }) => {
      const proxy = installation.start();
      await kernel.settled();
      const traffic = await startTraffic();
      const lock = await holdLock(stage.node.lockFile);
      await churn(seededRandom().random, 10, 10);
      // It has given up once, and says by whom it is kept.
      await expect.poll(proxy.log, { timeout: 30_000 }).toContain(`another process holds ${stage.node.lockFile}`);
      await lock.release();
      const settledMs = await kernel.settled();
      const { counts, faults } = await traffic.end({
        atLeast: { held: 200, echoes: 200, owed: 50 },
        programmingMs: 60_000,
      });
      tell('a held xtables lock', { settledMs, ...counts });
      expect(faults).toEqual([]);
      const { body } = await proxy.page('/metrics');
      const waits = /^rulewright_lock_wait_seconds_sum\{[^}]*IPv4[^}]*\} (\S+)$/m.exec(body)?.[1];
      expect(Number(waits)).toBeGreaterThan(1);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });

  it('that is held when the program starts costs no family: it ends, to be started again', {
    timeout: 120_000,
  }, async () => {
    await withScene({ mode: 'iptables-legacy' }, async ({ stage, installation, kernel }) => {
      const lock = await holdLock(stage.node.lockFile);
      const first = installation.start();
      expect(await first.ended).toBe(1);
      expect(first.log()).toContain('another process holds the xtables lock');
      await lock.release();
      const second = installation.start();
      await kernel.settled();
      expect(await second.kill('SIGTERM')).toBe(0);
    });
  });
});

describeKernel('a log', () => {
  it('on a full disk, or one that nobody reads, stops nothing, and not the end', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ installation, kernel, churn }) => {
      const full = openSync('/dev/full', 'w');
      const { pipe, close } = await fullPipe();
      for (const log of [full, pipe]) {
        const proxy = installation.start(log);
        await churn(seededRandom().random, 20, 50);
        await kernel.settled();
        const { body } = await proxy.page('/metrics');
        const lost = Number(/^rulewright_log_lines_lost_total (\d+)$/m.exec(body)?.[1]);
        expect(lost).toBeGreaterThanOrEqual(log === full ? 1 : 0);
        expect(await proxy.kill('SIGTERM')).toBe(0);
      }
      closeSync(full);
      await close();
    });
  });
});

/** Full to the brim: the first word of whoever writes has no room already. */
async function fullPipe(): Promise<{ readonly pipe: number; readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rulewright-pipe-'));
  const path = join(folder, 'pipe');
  await execa('mkfifo', [path]);
  const [pipe, filler] = [openSync(path, 'r+'), openSync(path, constants.O_RDWR | constants.O_NONBLOCK)];
  try {
    for (;;) writeSync(filler, '.'.repeat(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  const close = async (): Promise<void> => {
    for (const descriptor of [pipe, filler]) closeSync(descriptor);
    await rm(folder, { recursive: true });
  };
  return { pipe, close };
}

describeKernel('a clock', () => {
  it('that jumps by hours, months and years, forth and back, changes nothing', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rulewright-clock-'));
    const clock = join(folder, 'offset');
    await writeFile(clock, '+0');
    const env = {
      LD_PRELOAD: await fakeTimeLibrary(),
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      // The kernel's other clock is steady on a real machine, too.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    await withScene({ mode: 'nftables', env }, async ({ installation, kernel, churn }) => {
      const proxy = installation.start();
      await kernel.settled();
      const { random } = seededRandom();
      for (const [offset, year] of [
        ['+400d', /^20(?:2[7-9]|[3-9]\d)-/],
        ['-2h', /^20\d\d-/],
        ['-4000d', /^201\d-/],
        ['+0', /^202\d-/],
      ] as const) {
        await writeFile(clock, offset);
        await churn(random, 10, 50);
        expect(await kernel.settled()).toBeLessThan(5_000);
        expect([(await proxy.page('/healthz')).status, (await proxy.page('/livez')).status]).toEqual([200, 200]);
        // It did jump.
        expect(proxy.log().trimEnd().split('\n').at(-1)).toMatch(year);
      }
      expect(await proxy.kill('SIGTERM')).toBe(0);
    }).finally(() => rm(folder, { recursive: true }));
  });
});

/** Debian's libfaketime, which lets a program see another time than the machine. */
async function fakeTimeLibrary(): Promise<string> {
  const { stdout } = await execa('dpkg', ['-L', 'libfaketime']);
  return stdout.split('\n').find((path) => path.endsWith('/libfaketimeMT.so.1')) ?? expect.fail('no libfaketime');
}

describeKernel('a node without IPv6', () => {
  it.each(['nftables', 'iptables-nft'] as const)(
    'is kept for IPv4 alone, which is said once, in mode %s',
    { timeout: 120_000 },
    async (mode) => {
      const path = await folderOfTools((name) => !name.startsWith('ip6tables'));
      await withScene({ mode, path }, async ({ stage, installation, ipv4, churn }) => {
        await stage.node.exec('sysctl', ['-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
        const proxy = installation.start();
        await ipv4.settled();
        await churn(seededRandom().random, 20, 50);
        await ipv4.settled();
        if (mode !== 'nftables') expect(proxy.log().match(/IPv6/g)).toHaveLength(1);
        expect(await proxy.kill('SIGTERM')).toBe(0);
      }).finally(() => rm(path, { recursive: true }));
    },
  );
});

/** Links to the programs of this machine that have such names. */
async function folderOfTools(isWanted: (name: string) => boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rulewright-path-'));
  for (const place of ['/usr/sbin', '/usr/bin']) {
    for (const name of await readdir(place)) {
      if (isWanted(name)) await symlink(join(place, name), join(folder, name)).catch(() => undefined);
    }
  }
  return folder;
}
