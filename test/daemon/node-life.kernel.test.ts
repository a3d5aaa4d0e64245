/** What a node goes through besides changes: no API server, no Node, two daemons, other settings than were meant. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { programmedLine } from '../../scripts/lab/program/running.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { nodeAddress, nodeName } from './stage/network.ts';
import type { RunningProxy } from './stage/proxy.ts';
import { type Scene, withScene } from './stage/scene.ts';
import { healthPort, newService } from './stage/shop.ts';

const soon = { timeout: 30_000 } as const;

const statusOf = (proxy: RunningProxy, ...paths: readonly string[]) =>
  Promise.all(
    paths.map((path) =>
      proxy.page(path).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );

const nodePortAddresses = async ({ stage }: Scene): Promise<string> => {
  const stdout = await stage.node.exec('nft', ['list', 'set', 'ip', 'rulewright', 'node-port-addresses']);
  return /elements = \{ (.*) \}/.exec(stdout)?.[1] ?? '';
};

const nftPath = async (): Promise<string> => (await execa('sh', ['-c', 'command -v nft'])).stdout;

const isProgrammed = (proxy: RunningProxy) => expect.poll(proxy.log, soon).toContain(programmedLine);

describeKernel('a node', () => {
  it('is ready once its Services stand, and stays so without the API server', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ cluster, installation }) => {
      await cluster.server.goDown();
      const proxy = installation.start();
      await expect.poll(() => statusOf(proxy, '/livez', '/readyz', '/healthz'), soon).toEqual([200, 503, 503]);
      expect((await proxy.page('/readyz')).body).toContain('not yet known: all objects of kind Service');
      await cluster.server.comeBack();
      await expect.poll(() => statusOf(proxy, '/livez', '/readyz', '/healthz'), soon).toEqual([200, 200, 200]);
      expect(proxy.log()).toContain(programmedLine);
      await cluster.server.goDown();
      await expect.poll(proxy.log, soon).toContain('nodes: the connection was cut');
      expect(await statusOf(proxy, '/livez', '/readyz', '/healthz')).toEqual([200, 200, 200]);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });

  it('is ready while drift is repaired, and not when that fails for 30 s', { timeout: 120_000 }, async () => {
    const tools = await mkdtemp(join(tmpdir(), 'rulewright-tools-'));
    const broken = join(tools, 'broken');
    // It reads, but sends nothing while there is a file of that name.
    const refusal = `[ "$1" = -f ] && [ -e ${broken} ] && echo 'Error: broken' >&2 && exit 1`;
    const script = ['#!/bin/sh', refusal, `exec ${await nftPath()} "$@"`, ''].join('\n');
    await writeFile(join(tools, 'nft'), script, { mode: 0o755 });
    await withScene({ mode: 'nftables', tools }, async ({ stage, installation, kernel }) => {
      const proxy = installation.start();
      await kernel.settled();
      const takeAway = () => stage.node.exec('nft', ['delete', 'table', 'ip', 'rulewright']);
      await takeAway();
      await kernel.settled();
      expect(await statusOf(proxy, '/readyz', '/livez')).toEqual([200, 200]);
      await writeFile(broken, '');
      await takeAway();
      await expect.poll(proxy.log, soon).toContain('Error: broken');
      expect(await statusOf(proxy, '/readyz', '/livez')).toEqual([200, 200]);
      await expect.poll(() => statusOf(proxy, '/readyz', '/livez'), { timeout: 45_000 }).toEqual([503, 200]);
      expect((await proxy.page('/readyz')).body).toMatch(/IPv4: syncs have failed for 3\d s: .*Error: broken/);
      await rm(broken);
      await expect.poll(() => statusOf(proxy, '/readyz', '/livez'), { timeout: 40_000 }).toEqual([200, 200]);
      await kernel.settled();
      expect(await proxy.kill('SIGTERM')).toBe(0);
    }).finally(() => rm(tools, { recursive: true }));
  });

  it('goes on as it was when its Node is deleted', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async (scene) => {
      const { stage, cluster, installation, kernel } = scene;
      const proxy = installation.start();
      cluster.put({ ...newService(2), externalPolicy: 'Local', endpoints: new Map([[1, 'ready']]) });
      await kernel.settled();
      const url = `http://${nodeAddress}:${healthPort(2)}/`;
      const check = async () => (await stage.agent('outside').order('fetch', { url })).status;
      await expect.poll(check, soon).toBe(200);
      cluster.server.delete('Node', nodeName);
      await expect.poll(proxy.log, soon).toContain(`Node ${nodeName} was deleted`);
      cluster.put({ ...newService(3), exists: false });
      await expect.poll(() => proxy.page('/debug/snapshot').then(({ body }) => body), soon).not.toContain('service-3');
      expect([await nodePortAddresses(scene), await check()]).toEqual([nodeAddress, 200]);
      expect(await statusOf(proxy, '/healthz', '/readyz')).toEqual([200, 200]);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });

  it('that has no Node serves NodePorts on all addresses after 30 s', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async (scene) => {
      scene.cluster.server.delete('Node', nodeName);
      const proxy = scene.installation.start();
      await isProgrammed(proxy);
      expect(proxy.log()).toMatch(new RegExp(`warn  Node ${nodeName} not found.*--hostname-override`));
      expect(await nodePortAddresses(scene)).toBe('');
      await expect.poll(() => nodePortAddresses(scene), { timeout: 40_000 }).toBe('0.0.0.0/0');
      expect(proxy.log()).toMatch(new RegExp(`warn  Node ${nodeName} is still unknown after 30 s`));
      expect((await proxy.page('/healthz')).body).toContain('"nodeEligible":false,"healthy":true');
      expect(await statusOf(proxy, '/healthz', '/livez', '/readyz')).toEqual([503, 200, 200]);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });

  it('is kept by one daemon at a time; the next takes over at once', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ installation, kernel }) => {
      let holder = installation.start();
      await kernel.settled();
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const next = installation.start();
        await expect
          .poll(next.log, soon)
          .toMatch(/warn {2}Waiting for the lock of this node holder="another rulewright \(pid/);
        expect(next.log()).not.toContain(programmedLine);
        await holder.kill(signal);
        await isProgrammed(next);
        await expect.poll(() => statusOf(next, '/readyz'), soon).toEqual([200]);
        holder = next;
      }
      expect(await holder.kill('SIGTERM')).toBe(0);
    });
  });

  it('goes by bindAddress before its Node', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables', over: { bindAddress: '192.0.2.77' } }, async (scene) => {
      const proxy = scene.installation.start();
      await isProgrammed(proxy);
      expect(await nodePortAddresses(scene)).toBe('192.0.2.77');
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });

  it('keeps its configuration when the file changes, and says so', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ installation }) => {
      const proxy = installation.start();
      await isProgrammed(proxy);
      const metric = async () =>
        /^rulewright_config_file_differs (\d)$/m.exec((await proxy.page('/metrics')).body)?.[1];
      expect(await metric()).toBe('0');
      await writeFile(installation.file, 'kind: other\n');
      await expect.poll(metric, soon).toBe('1');
      expect(proxy.log()).toContain(
        'The configuration file has changed: the configuration of the start stays in force',
      );
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });
});

describeKernel('settings of the machine', () => {
  it('tcp_be_liberal that is set already lets invalid packets through', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'iptables-nft' }, async ({ stage, installation }) => {
      const rules = async () => stage.node.exec('iptables-nft-save', ['-t', 'filter']);
      for (const [value, drops] of [
        [0, true],
        [1, false],
      ] as const) {
        await stage.node.exec('sysctl', ['-qw', `net.netfilter.nf_conntrack_tcp_be_liberal=${value}`]);
        const proxy = installation.start();
        await isProgrammed(proxy);
        expect((await rules()).includes('--ctstate INVALID -j DROP')).toBe(drops);
        expect(await proxy.kill('SIGTERM')).toBe(0);
      }
    });
  });

  it('--init-only fails for a sysctl that it cannot write', { timeout: 120_000 }, async () => {
    // The table belongs to the machine: a network namespace may not make it larger.
    const tooLarge = { maxPerCore: 1_048_576, min: 1_048_576 };
    await withScene({ mode: 'nftables', over: { conntrack: tooLarge } }, async ({ installation }) => {
      const failing = installation.init();
      expect(await failing.ended).toBe(1);
      expect(failing.log()).toContain('net.netfilter.nf_conntrack_max cannot be set to 1048576');
    });
    await withScene({ mode: 'nftables' }, async ({ installation }) => {
      expect(await installation.init().ended).toBe(0);
    });
  });

  it('without IPv6 a clusterCIDR of IPv6 alone is fatal', { timeout: 120_000 }, async () => {
    await withScene(
      { mode: 'nftables', over: { clusterCIDR: 'fd00:10:244::/48' } },
      async ({ stage, installation }) => {
        await stage.node.exec('sysctl', ['-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
        const proxy = installation.start();
        expect(await proxy.ended).toBe(1);
        expect(proxy.log()).toContain('clusterCIDR fd00:10:244::/48 has no IPv4 block, but IPv4 is the only family');
      },
    );
  });
});
