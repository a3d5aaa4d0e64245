/** Rules that another program made by nft in the tables of iptables-nft, which iptables-nft-save cannot show. */
import { expect, it } from 'vitest';
import { type Namespace, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { diffRules } from '../../../src/core/rules.ts';
import { cleanUp } from '../../../src/host/cleanup.ts';
import { hidesTables } from '../../../src/host/iptables/chain-by-chain.ts';
import { iptablesKernel } from '../../../src/host/iptables/kernel.ts';
import { ruleEvents } from '../../../src/host/netlink/listener.ts';
import { commandsIn } from '../../support/kernel/commands.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { adopt, goldenRules } from '../../support/kernel/host-kernels.ts';

const blocks = '{ 172.16.0.0/16, 172.19.0.0/16 }';

/** In nft's words, and what of it has to be named. */
const natives: readonly (readonly [string, string, RegExp])[] = [
  [
    'a set in a chain with our jump',
    `add rule ip nat POSTROUTING ip saddr ${blocks} masquerade`,
    /chain POSTROUTING .*172.19/,
  ],
  [
    'a verdict map',
    'add rule ip filter INPUT ct state vmap { established : accept, invalid : drop }',
    /chain INPUT .*vmap/,
  ],
  ['a chain of its own', `add chain ip nat mine; add rule ip nat mine ip saddr ${blocks} masquerade`, /^$/],
  [
    'a mark that stops iptables-nft-save in the middle',
    'add rule ip filter FORWARD iifname "tailscale0" meta mark set meta mark & 0xff00ffff ^ 0x00040000',
    /chain FORWARD .*tailscale0/,
  ],
  [
    'a rule in a chain of ours',
    `add rule ip nat KUBE-SERVICES meta mark set meta mark & 0xff00ffff ^ 0x40000`,
    /chain KUBE-SERVICES .*mark set/,
  ],
];

function kernelIn(namespace: Namespace, told: string[]) {
  const run = commandsIn(namespace);
  return iptablesKernel('IPv4', {
    run,
    events: ruleEvents(run),
    tools: { variant: 'nft', version: '1', isNamed: true },
    lockFile: namespace.lockFile,
    ownsFirewall: true,
    onUnreadable: (chains) => told.push(...chains),
  });
}

async function listing({ exec }: Namespace): Promise<string> {
  return (await exec('nft', ['list', 'ruleset'])).replaceAll(/ counter packets \d+ bytes \d+/g, '');
}

describeKernel("rules of nft's in tables of iptables-nft", () => {
  it.each(natives)('stop neither adoption nor repair nor cleanup, and stay: %s', async (_, native, named) => {
    await withNamespace(async (namespace) => {
      const told: string[] = [];
      const kernel = kernelIn(namespace, told);
      const first = await goldenRules('cluster-ip-three-endpoints', 'iptables');
      await adopt(kernel, first);
      await namespace.exec('nft', ['-f', '-'], { input: native });
      const saved = await commandsIn(namespace)('iptables-nft-save', []);
      expect(hidesTables(saved)).toBe(true);

      const found = await kernel.findDrift(first, true);
      const isOurs = native.includes('KUBE-SERVICES');
      expect(found.lost.filter((line) => !line.includes('KUBE-SERVICES'))).toEqual([]);
      expect(found.lost.length > 0).toBe(isOurs);
      expect(told.join()).toMatch(named);

      const second = await goldenRules('session-affinity', 'iptables');
      await adopt(kernel, second);
      expect(diffRules(await kernel.read(), second).text).toBe('');
      await namespace.exec('nft', ['flush', 'chain', 'ip', 'nat', 'KUBE-SERVICES']);
      expect((await kernel.findDrift(second, true)).lost).toEqual([expect.stringContaining('KUBE-SERVICES')]);
      await adopt(kernel, second);
      expect((await kernel.findDrift(second, true)).lost).toEqual([]);

      const run = commandsIn(namespace);
      const { failed, left } = await cleanUp({ run, whose: 'ours', dryRun: false });
      expect(failed).toEqual([]);
      const after = await listing(namespace);
      expect(after).not.toContain('KUBE-');
      if (!isOurs) expect(after).toMatch(/172\.19|vmap|tailscale0/);
      expect(left.map(({ name }) => name).join()).toMatch(isOurs ? /^$/ : /172\.19|vmap|tailscale0/);
    });
  });
});
