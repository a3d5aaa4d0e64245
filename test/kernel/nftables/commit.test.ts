import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { addUplink, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { compile } from '../../../src/core/compiler.ts';
import { diffRules, printRules, type Rules } from '../../../src/core/rules.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

const clients = 30_000;
const config = nodeConfig({ mode: 'nftables', detectLocal: { mode: 'ClusterCIDR', cidrs: [] } });
const web = service('web', { ports: [{ name: 'http', protocol: 'UDP', port: 80 }] });

/** Rules with this many endpoints, so that each step changes the frontend, slots and chains. */
function rulesWith(endpoints: number): Rules {
  const addresses = Array.from({ length: endpoints }, (_, i) => endpoint(`10.244.1.${i + 1}`));
  const slices = [slice('web', addresses, { ports: [{ name: 'http', protocol: 'UDP', port: 8080 }] })];
  const rules = compile(snapshotOf({ services: [web], slices }), config, ['IPv4']).rules.IPv4;
  if (rules === undefined) throw new Error('IPv4 was not compiled');
  return rules;
}

/** Counts at the very end what still has the address of the Service, and what has that of an endpoint. */
const watch = `table ip watch {
  chain last {
    type filter hook postrouting priority 300; policy accept;
    ip daddr 10.96.0.1 counter
    ip daddr 10.244.0.0/16 counter
  }
}
`;

describeKernel('commits in nftables mode', () => {
  it('let no packet out to the address of a Service, at any number of Services', async () => {
    await withNamespace(async (namespace) => {
      await addUplink(namespace);
      let applied = rulesWith(3);
      await namespace.exec('nft', ['-f', '-'], { input: `${watch}${printRules(applied)}` });

      const script = fileURLToPath(new URL('../../support/kernel/udp-clients.ts', import.meta.url));
      let isSending = true;
      const sending = namespace
        .exec(process.execPath, [script, '10.200.0.0', String(clients), '20001', '10.96.0.1', '80'])
        .finally(() => {
          isSending = false;
        });
      let commits = 0;
      for (; isSending; commits += 1) {
        const change = diffRules(applied, rulesWith(1 + (commits % 5)));
        await namespace.exec('nft', ['-f', '-'], { input: change.text });
        applied = change.applied;
      }
      await sending;
      expect(commits).toBeGreaterThan(20);
      const text = await namespace.exec('nft', ['list', 'table', 'ip', 'watch']);
      const [toService, toEndpoints] = [...text.matchAll(/counter packets (\d+)/g)].map(([, count]) => Number(count));
      // A look-up that misses a commit drops its packet (Linux before 6.17); it never lets it through.
      expect(toService).toBe(0);
      expect(toEndpoints).toBeGreaterThan(clients * 0.9);
    });
  });
});
