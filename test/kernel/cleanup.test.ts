/** `rulewright cleanup` as a user runs it, in a namespace where rules of every kind and of many owners stand. */
import { expect, it } from 'vitest';
import { type Namespace, variants, withNamespace } from '../../scripts/lab/network/tools.ts';
import { compile } from '../../src/core/compiler.ts';
import { type IpFamily, ipFamilies } from '../../src/core/model/address.ts';
import type { ProxyMode } from '../../src/core/model/config.ts';
import { printRules } from '../../src/core/rules.ts';
import { cleanUp } from '../../src/host/cleanup.ts';
import type { RunCommand } from '../../src/host/run-command.ts';
import { entry } from '../cli/run.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../support/objects.ts';

const clusterIps = { IPv4: ip('10.96.0.1'), IPv6: ip('fd00:96::1') };
const externalIps = [ip('203.0.113.1'), ip('2001:db8::1')];
const ports = [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }] as const;
const snapshot = snapshotOf({
  services: [
    service('web', { clusterIps, externalIps, ports, externalTrafficPolicy: 'Local' }),
    service('idle', { clusterIps: { IPv4: ip('10.96.0.2') }, externalIps: [ip('203.0.113.2')] }),
  ],
  slices: [
    slice('web', [endpoint('10.244.1.1', { nodeName: 'node-a' }), endpoint('10.244.1.2')]),
    slice('web', [endpoint('fd00:244::1')], { name: 'web-6', family: 'IPv6' }),
  ],
});

function textOf(mode: ProxyMode, family: IpFamily): string {
  const rules = compile(snapshot, nodeConfig({ mode })).rules[family];
  if (rules === undefined) throw new Error(`${family} was not compiled`);
  return printRules(rules);
}

/** What kube-proxy would have made of it: it has canaries, and neither our marker nor one jump in its filter table. */
function kubeProxyText(family: IpFamily): { readonly rules: string; readonly canaries: string } {
  const rules = textOf('iptables', family).replaceAll(
    /^(?::KUBE-SVC-RULEWRIGHT .*|-A KUBE-SERVICES -j KUBE-EXTERNAL-SERVICES)\n/gm,
    '',
  );
  const canaries = ['mangle', 'nat', 'filter'].map((table) => `*${table}\n:KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n`);
  return { rules, canaries: canaries.join('') };
}

/** Rules of other programs: a firewall, a CNI plugin that marks with our chain, and the kubelet. */
const foreignRules = `*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
*nat
:CNI-HOSTPORT-SETMARK - [0:0]
:KUBE-MARK-MASQ - [0:0]
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A CNI-HOSTPORT-SETMARK -m comment --comment "somebody's \\"quoted\\" words" -j KUBE-MARK-MASQ
-A POSTROUTING -m comment --comment "looks like KUBE-POSTROUTING" -j MASQUERADE
COMMIT
*filter
:KUBE-FIREWALL - [0:0]
:KUBE-ROUTER-FORWARD - [0:0]
:own - [0:0]
-A INPUT -j KUBE-FIREWALL
-A OUTPUT -j KUBE-FIREWALL
-A own -m limit --limit 5/min -j LOG --log-prefix "KUBE-SERVICES "
-A INPUT -p tcp -m tcp --dport 22 -j own
COMMIT
`;
const foreignTable = 'table inet firewall { chain input { type filter hook input priority 0; tcp dport 22 accept; }; }';

/** All rules without counters and times, whatever made them. */
async function allRules(namespace: Namespace): Promise<string> {
  const saves = variants.flatMap((variant) => ipFamilies.map((family) => namespace.save(variant, family)));
  const lines = (await Promise.all(saves)).join('').split('\n');
  const tables = await namespace.exec('nft', ['list', 'tables']);
  return [...lines.filter((line) => !line.startsWith('#')).map((line) => line.replace(/ \[.*\]$/, '')), tables].join(
    '\n',
  );
}

async function addForeign({ restore, exec }: Namespace): Promise<void> {
  for (const variant of variants) for (const family of ipFamilies) await restore(variant, family, foreignRules);
  await exec('nft', ['-f', '-'], { input: foreignTable });
}

async function cleanup({ exec }: Namespace, ...flags: readonly string[]): Promise<string> {
  return await exec(process.execPath, [entry, 'cleanup', ...flags]);
}

describeKernel('rulewright cleanup', () => {
  it('removes our rules of every mode, keeps all other rules, and finds nothing the second time', async () => {
    await withNamespace(async (namespace) => {
      await addForeign(namespace);
      const before = await allRules(namespace);
      for (const family of ipFamilies) {
        await namespace.exec('nft', ['-f', '-'], { input: textOf('nftables', family) });
        for (const variant of variants) {
          // What the kubelet has made already is not put in a second time.
          const text = textOf('iptables', family).replaceAll(/^.*KUBE-FIREWALL.*\n/gm, '');
          await namespace.restore(variant, family, text, { noFlush: true });
        }
      }
      const loaded = await allRules(namespace);
      expect(await cleanup(namespace, '--dry-run')).toContain('would remove  nftables: table ip rulewright, table ip6');
      expect(await allRules(namespace)).toBe(loaded);

      const said = await cleanup(namespace);
      expect(said).toMatch(/^removed {2}iptables-legacy, table nat: \d+ chains and 3 jumps to them$/m);
      expect(said).toContain(
        'iptables-nft, table nat: chain KUBE-MARK-MASQ (the chain CNI-HOSTPORT-SETMARK jumps to it)',
      );
      expect(said).toContain("iptables-nft, table filter: chain KUBE-FIREWALL (it is the kubelet's too)");
      expect(await allRules(namespace)).toBe(before);
      expect(await cleanup(namespace)).toMatch(/^nothing /m);
    });
  });

  it("keeps kube-proxy's rules unless asked to remove them", async () => {
    await withNamespace(async (namespace) => {
      const before = await allRules(namespace);
      for (const family of ipFamilies) {
        const { rules, canaries } = kubeProxyText(family);
        for (const variant of variants) {
          await namespace.restore(variant, family, rules);
          await namespace.restore(variant, family, canaries, { noFlush: true });
        }
        const table = family === 'IPv4' ? 'ip' : 'ip6';
        await namespace.exec('nft', ['add', 'table', table, 'kube-proxy']);
      }
      const loaded = await allRules(namespace);
      const said = await cleanup(namespace);
      const why = '(kube-proxy made it; cleanup --kube-proxy removes it)';
      expect(said).toContain(`nftables: table ip kube-proxy, table ip6 kube-proxy ${why}`);
      expect(said).toMatch(/^left {5}ip6tables-legacy, table nat: chain .*KUBE-SERVICES, .* \(kube-proxy made it; /m);
      expect(await allRules(namespace)).toBe(loaded);

      const report = JSON.parse(await cleanup(namespace, '--kube-proxy', '-o', 'json'));
      expect(report).toMatchObject({ dryRun: false, failed: [], left: [] });
      expect(withoutEmptyTables(await allRules(namespace))).toBe(withoutEmptyTables(before));
    });
  });

  it('empties our chain if another program jumps to it, since it cannot be deleted', async () => {
    await withNamespace(async (namespace) => {
      await namespace.restore('legacy', 'IPv4', textOf('iptables', 'IPv4'));
      const foreign = '*filter\n:own - [0:0]\n-A own -j KUBE-FORWARD\nCOMMIT\n';
      await namespace.restore('legacy', 'IPv4', foreign, { noFlush: true });
      expect(await cleanup(namespace)).toContain('table filter: chain KUBE-FORWARD (the chain own jumps to it)');
      const left = (await namespace.save('legacy', 'IPv4')).match(/^(?::KUBE|-A) .*$/gm);
      expect(left).toEqual(['-A own -j KUBE-FORWARD']);
    });
  });

  it.each<[string, Parameters<typeof cleanUp>[0]['keep'], RegExp]>([
    ['nftables', { mode: 'nftables' }, /^nft-rules$/],
    ['iptables-legacy', { mode: 'iptables', variant: 'legacy' }, /^legacy-rules$/],
  ])('keeps the rules of the running mode, %s, and removes those of other modes', async (_, keep, left) => {
    await withNamespace(async (namespace) => {
      await namespace.exec('nft', ['-f', '-'], { input: textOf('nftables', 'IPv4') });
      for (const variant of variants) await namespace.restore(variant, 'IPv4', textOf('iptables', 'IPv4'));
      const run: RunCommand = async (command, args, { input = '' } = {}) => {
        const stdout = await namespace.exec(command, args, { input });
        return { kind: 'exited', exitCode: 0, stdout, stderr: '' };
      };
      const { failed } = await cleanUp({
        run,
        whose: 'ours',
        dryRun: false,
        ...(keep === undefined ? {} : { keep }),
      });
      expect(failed).toEqual([]);
      const has = (text: string) => /rulewright|KUBE-/.test(text);
      const places = [
        ['nft-rules', await namespace.exec('nft', ['list', 'tables'])],
        ['legacy-rules', await namespace.save('legacy', 'IPv4')],
        ['nft-variant-rules', await namespace.save('nft', 'IPv4')],
      ] as const;
      expect(places.flatMap(([place, text]) => (has(text) ? [place] : [])).join()).toMatch(left);
    });
  });
});

/** The nft variant leaves its tables, with nothing in them. */
function withoutEmptyTables(rules: string): string {
  return rules.replaceAll(/^(?:\*|:[A-Z]+ ACCEPT|COMMIT|table ip6? (?:nat|filter|mangle)).*\n/gm, '').trim();
}
