import { describe, expect, it } from 'vitest';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Manifest } from '../../../src/core/model/objects.ts';
import { printRules } from '../../../src/core/rules.ts';
import { keysIn } from '../../../src/core/structures/shards.ts';
import { named, results, type Stage, set, startStage, synced } from '../support/stage.ts';

const standingServices = (stage: Stage) => keysIn(stage.loop.standing().families[0]?.snapshot.services ?? []);

const quarantined = (stage: Stage) => stage.reports.at(-1)?.families[0]?.quarantined;

/** Services s0, s1, … with one endpoint each, 10.244.66.100 and on. */
function numbered(count: number): readonly Manifest[] {
  return Array.from({ length: count }, (_, i) => named(`s${i}`, `10.96.1.${i}`, `10.244.66.${100 + i}`)).flat();
}

describe('Services that the kernel refuses', () => {
  it.each(['iptables', 'nftables'] as const)('are held back, in %s mode, alone', async (mode) => {
    const stage = startStage({ mode });
    await synced(stage);
    for (const address of ['10.244.66.101', '10.244.66.102']) stage.kernel.poison.add(address);
    stage.inbox.sink.changed(set(...numbered(20)));
    await stage.clock.advance(2000);
    const report = stage.reports.at(-1);
    expect(report?.families[0]?.quarantined).toEqual(['shop/s1', 'shop/s2']);
    expect(report?.diagnostics.map(({ code, object }) => `${code} ${object.name}`)).toEqual([
      'service-quarantined s1',
      'service-quarantined s2',
    ]);
    expect(standingServices(stage)).toHaveLength(19);

    // One is mended by its owner, the other by whatever made the kernel refuse it.
    stage.inbox.sink.changed(set(...named('s1', '10.96.1.1', '10.244.1.9')));
    await stage.clock.advance(100);
    expect(stage.reports.at(-1)?.families[0]?.quarantined).toEqual(['shop/s2']);
    stage.kernel.poison.clear();
    await stage.clock.advance(200_000);
    expect(stage.reports.at(-1)?.families[0]?.quarantined).toEqual([]);
    expect(standingServices(stage)).toHaveLength(21);
  });

  it.each([['iptables'], ['nftables']] as const)(
    'are found after a start, in %s mode, while what stood goes on standing',
    async (mode) => {
      const before = startStage({ mode });
      before.inbox.sink.changed(set(...numbered(150)));
      await synced(before);
      before.loop.stop();
      await before.running;

      const stage = startStage({ mode });
      const { kernel } = stage;
      kernel.content = before.kernel.content;
      kernel.poison.add('10.244.67.1');
      const standing = new Set<number>();
      const { apply } = kernel;
      kernel.apply = async (change) => {
        const outcome = await apply(change);
        const text = kernel.content === undefined ? '' : printRules(kernel.content);
        standing.add(
          numbered(150).filter(({ object }) => 'ports' in object && text.includes(`-- ${object.name}`)).length,
        );
        standing.add(new Set(text.match(/10\.96\.1\.\d+/g)).size);
        return outcome;
      };
      stage.inbox.sink.changed(set(...numbered(150), ...named('s7', '10.96.1.7', '10.244.67.1')));
      await synced(stage);
      await stage.clock.advance(20_000);
      expect(quarantined(stage)).toEqual(['shop/s7']);
      standing.delete(0);
      expect(Math.min(...standing)).toBeGreaterThanOrEqual(147);
      expect(standingServices(stage)).toHaveLength(150);
    },
  );

  it('are found after a start even when there are several', async () => {
    const before = startStage();
    await synced(before);
    const stage = startStage();
    stage.kernel.content = before.kernel.content;
    for (const last of [103, 150, 201]) stage.kernel.poison.add(`10.244.66.${last}`);
    stage.inbox.sink.changed(set(...numbered(130)));
    await synced(stage);
    await stage.clock.advance(60_000);
    expect(quarantined(stage)).toEqual(['shop/s101', 'shop/s3', 'shop/s50']);
    expect(standingServices(stage)).toHaveLength(128);
  });

  it('stay held back, and are told as such, while everything else fails too', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.poison.add('10.244.66.101');
    stage.inbox.sink.changed(set(...numbered(3)));
    await stage.clock.advance(2000);
    stage.kernel.isBroken = true;
    await stage.clock.advance(60_000);
    const turns = stage.reports.length;
    await stage.clock.advance(600_000);
    expect(quarantined(stage)).toEqual(['shop/s1']);
    expect(stage.reports.at(-1)?.families[0]?.result).toBe('failed');
    // It is long past the time to try it again, but that is no reason to turn without a pause.
    expect(stage.reports.length - turns).toBeLessThan(50);
  });

  it('are those that the compiler gives up on as well', async () => {
    const stage = startStage();
    await synced(stage);
    const [bad] = named('bad', '10.96.2.1');
    const broken = { ...bad, object: { ...bad?.object, ports: undefined } } as unknown as Manifest;
    stage.inbox.sink.changed(set(...numbered(9), broken));
    await stage.clock.advance(2000);
    expect(quarantined(stage)).toEqual(['shop/bad']);
    expect(standingServices(stage)).toHaveLength(10);
    expect(stage.reports.at(-1)?.diagnostics[0]?.problem).toContain('a bug of rulewright');
  });

  it('do not keep others waiting when it is the Nodes or ServiceCIDRs that are refused', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.poison.add('10.222.0.0');
    const cidr = { name: 'more', cidrs: [constantCidr('10.222.0.0/16')] };
    stage.inbox.sink.changed(set({ kind: 'ServiceCIDR', object: cidr }, ...numbered(3)));
    await stage.clock.advance(1000);
    expect(standingServices(stage)).toHaveLength(4);
    expect(stage.reports.at(-1)?.families[0]).toMatchObject({
      result: 'failed',
      problem: 'Nodes or ServiceCIDRs: poisoned',
      quarantined: [],
    });
    stage.kernel.poison.clear();
    await stage.clock.advance(60_000);
    expect(results(stage).at(-1)).toBe('period unchanged');
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });
});
