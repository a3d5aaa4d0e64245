/** The program ends in every way there is, and begins again: what stands is adopted, and no connection notices. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { variants } from '../../scripts/lab/network/tools.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { type FaultyTools, makeFaultyTools } from './stage/faulty-tools.ts';
import { everything } from './stage/kernel-state.ts';
import { podAddress } from './stage/network.ts';
import { modes, type RunningProxy } from './stage/proxy.ts';
import { type OpenScene, openScene, type Scene, seededRandom, tell, withScene } from './stage/scene.ts';
import { type Frontend, newService } from './stage/shop.ts';

/** RULEWRIGHT_KILLS=20 makes it the full run. */
const kills = Number(process.env['RULEWRIGHT_KILLS'] ?? 2);

/** What `sync N (cause) FAMILY MODE: result` and below say was sent since the start, by family. */
function sentTexts(page: string): readonly string[] {
  return page
    .split(/^# \d{4}-.*\n/m)
    .map((text) => text.trim())
    .filter((text) => text !== '' && text !== 'Nothing was sent yet.');
}

for (const mode of modes) {
  describeKernel(`a program that ends and is started again, in mode ${mode}`, () => {
    let [tools, open]: [FaultyTools?, OpenScene?] = [];
    const scene = (): Scene => open?.scene ?? expect.fail('there is no scene');
    let proxy: RunningProxy;

    beforeAll(async () => {
      tools = await makeFaultyTools();
      open = await openScene({ mode, tools: tools.folder });
      proxy = scene().installation.start();
      await scene().kernel.settled();
    });

    afterAll(async () => {
      await open?.close();
      await tools?.remove();
    });

    it('has nothing to send where nothing changed, and else the difference alone', async () => {
      const { installation, kernel, cluster } = scene();
      const full = (await proxy.page('/debug/transactions')).body;
      expect(await proxy.kill('SIGTERM')).toBe(0);
      expect(await kernel.difference()).toBe('');
      proxy = installation.start();
      await expect.poll(proxy.log, { timeout: 20_000 }).toContain('Every Service is programmed');
      expect(sentTexts((await proxy.page('/debug/transactions')).body)).toEqual([]);
      await proxy.kill('SIGKILL');
      cluster.put({ ...newService(0), endpoints: new Map([[5, 'ready']]) });
      proxy = installation.start();
      await kernel.settled();
      const sent = sentTexts((await proxy.page('/debug/transactions')).body).join('\n');
      expect(sent).toContain(podAddress(5, 'IPv4'));
      // The address of another Service.
      expect(sent).not.toContain('10.96.0.11');
      expect(sent.length).toBeLessThan(full.length / 5);
    });

    it('finishes the transaction under way when SIGTERM comes, and leaves the rules', async () => {
      const { installation, kernel, cluster } = scene();
      await tools?.plan('writes', ['slow']);
      cluster.put({ ...newService(1), endpoints: new Map([[5, 'ready']]) });
      await expect.poll(() => tools?.left(), { interval: 5, timeout: 10_000 }).toBe(0);
      expect(await proxy.kill('SIGTERM')).toBe(0);
      expect(await kernel.difference()).toBe('');
      expect(proxy.log()).toContain('Stopping');
      proxy = installation.start();
    });

    it('can be killed at any moment: it adopts what stands, and connections go on', async () => {
      const { installation, kernel, churn, startTraffic } = scene();
      const { seed, random } = seededRandom();
      const traffic = await startTraffic();
      for (let n = 0; n < kills; n += 1) {
        const killed = sleep(random.integer(1000)).then(() => proxy.kill('SIGKILL'));
        await churn(random, 15, 15);
        expect(await killed).toBeNull();
        proxy = installation.start();
        // Else it may be killed again while it starts.
        if (random.chance(0.5)) await kernel.settled();
      }
      const settledMs = await kernel.settled();
      const atLeast = { held: 200, echoes: kills * 100, owed: kills * 20 };
      const { counts, faults } = await traffic.end({ atLeast, programmingMs: 20_000 });
      tell(`kill -9, ${mode}`, { seed, kills, settledMs, ...counts });
      expect(faults).toEqual([]);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    }, 240_000);
  });
}

describeKernel('a node that moves from one mode to another', () => {
  it('and back loses no connection, and keeps nothing of the mode before', { timeout: 240_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ stage: { node }, installation, kernel, inMode, startTraffic }) => {
      const nftables = { installation, kernel };
      const iptables = await inMode('iptables-nft');
      let proxy = nftables.installation.start();
      await kernel.settled();
      const traffic = await startTraffic();
      for (const next of [iptables, nftables]) {
        expect(await proxy.kill('SIGTERM')).toBe(0);
        proxy = next.installation.start();
        await next.kernel.settled();
        const removed = { timeout: 30_000 };
        if (next === iptables)
          await expect.poll(() => node.exec('nft', ['list', 'tables']), removed).not.toMatch(/rulewright/);
        else await expect.poll(() => node.save('nft', 'IPv4'), removed).not.toMatch(/KUBE-SVC|KUBE-SERVICES/);
        expect(await next.kernel.difference()).toBe('');
      }
      const { counts, faults } = await traffic.end({ atLeast: { held: 200, echoes: 500, owed: 100 } });
      tell('nftables, iptables, nftables', counts);
      expect(faults).toEqual([]);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });
});

const rulesFolder = new URL('../support/kernel/node-rules/', import.meta.url);
const neighbours = readFileSync(new URL('neighbours.rules', rulesFolder), 'utf8');
/** For Service 0 of these tests and one of its endpoints. */
const kubeProxy = readFileSync(new URL('kube-proxy.rules', rulesFolder), 'utf8')
  .replaceAll('10.200.0.1', podAddress(3, 'IPv4'))
  .replaceAll('10.200.0.0/16', '10.244.0.0/16');

describeKernel('rules that were there before', () => {
  it('of rulewright compile are adopted, and connections through them go on', { timeout: 120_000 }, async () => {
    await withScene({ mode: 'nftables' }, async ({ stage, cluster, installation, kernel, startTraffic }) => {
      await stage.node.exec('nft', ['-f', '-'], { input: await installation.compile(everything(cluster.server)) });
      const traffic = await startTraffic();
      const proxy = installation.start();
      await expect.poll(proxy.log, { timeout: 20_000 }).toContain('Every Service is programmed');
      expect(sentTexts((await proxy.page('/debug/transactions')).body)).toEqual([]);
      expect(await kernel.difference()).toBe('');
      const { counts, faults } = await traffic.end({ atLeast: { held: 200, echoes: 200, owed: 50 } });
      tell('upgrade from rulewright compile', counts);
      expect(faults).toEqual([]);
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });

  it.each(variants)('of kube-proxy are taken over among those of others, %s', { timeout: 120_000 }, async (variant) => {
    await withScene({ mode: `iptables-${variant}` }, async ({ stage, installation, kernel, startTraffic }) => {
      await stage.node.restore(variant, 'IPv4', neighbours);
      const theirs = ruleLines(await stage.node.save(variant, 'IPv4'));
      await stage.node.restore(variant, 'IPv4', kubeProxy, { noFlush: true });
      const to = ({ name }: Frontend): boolean => name === 'pod-1 → service-0 TCP 10.96.0.10 80';
      const traffic = await startTraffic({ to, heldEach: 10 });
      const proxy = installation.start();
      await kernel.settled();
      // Each connection speaks twice more, through the rules that there are now.
      await sleep(1_000);
      const { counts, faults } = await traffic.end({ atLeast: { held: 10, echoes: 30, owed: 10 } });
      tell(`kube-proxy's rules, ${variant}`, counts);
      expect(faults).toEqual([]);
      const saved = await stage.node.save(variant, 'IPv4');
      expect(ruleLines(saved)).toEqual(expect.arrayContaining([...theirs]));
      expect(saved).not.toContain('KUBE-SEP-IT2ZTR26TO4XFPTO');
      expect(await proxy.kill('SIGTERM')).toBe(0);
    });
  });
});

function ruleLines(saved: string): readonly string[] {
  return saved.split('\n').filter((line) => line.startsWith('-A '));
}
