/**
 * A kube-proxy that comes back, in the steps of kube-proxy 1.36 (pkg/proxy/iptables, proxier.go and cleanup.go): each
 * has to succeed on rulewright's rules, in both variants.
 */
import { expect, it } from 'vitest';
import { type Namespace, type Variant, variants, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { compile } from '../../../src/core/compiler.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import { printRules } from '../../../src/core/rules.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

const isNew = ['-m', 'conntrack', '--ctstate', 'NEW'];

/** What it ensures at each full sync and deletes in its clean-up: table, chain, target, comment, extra words. */
const jumps: readonly (readonly [string, string, string, string, readonly string[]])[] = [
  ['filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', isNew],
  ['filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', isNew],
  ['filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports', []],
  ['filter', 'FORWARD', 'KUBE-SERVICES', 'kubernetes service portals', isNew],
  ['filter', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals', isNew],
  ['filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules', []],
  ['filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', isNew],
  ['filter', 'OUTPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', isNew],
  ['filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', isNew],
  ['nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals', []],
  ['nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals', []],
  ['nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules', []],
];

/** Flushed at each sync, and deleted in the clean-up. */
const fixedChains = {
  nat: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'],
  filter: ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'],
} as const;

/** Chains of Services and endpoints, in nat: flushed and deleted when it does not know them. */
const ofServices = /^KUBE-(?:SVC|SVL|SEP|FW|EXT)-/;

/** The rules of many Services of every kind, so that each dispatch is a tree. */
function manyRules(): string {
  const numbers = Array.from({ length: 300 }, (_, i) => i);
  const snapshot = snapshotOf({
    services: numbers.map((i) =>
      service(`s-${i}`, {
        clusterIps: { IPv4: ip(`10.96.${i >> 4}.${(i & 15) * 16 + 1}`) },
        externalIps: [ip(`203.0.${i >> 6}.${(i & 63) * 4 + 1}`)],
        loadBalancerIps: [ip(`198.51.${i >> 6}.${(i & 63) * 4 + 1}`)],
        loadBalancerSourceRanges: i % 3 === 0 ? [constantCidr('198.18.0.0/15')] : [],
        ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_000 + i }],
      }),
    ),
    slices: numbers.filter((i) => i % 2 === 0).map((i) => slice(`s-${i}`, [endpoint(`10.244.${i >> 6}.${i & 63}`)])),
  });
  const rules = compile(snapshot, nodeConfig()).rules.IPv4;
  return rules === undefined ? expect.fail('IPv4 was not compiled') : printRules(rules);
}

async function iptables({ exec }: Namespace, variant: Variant, ...args: readonly string[]): Promise<void> {
  await exec(`iptables-${variant}`, ['--wait', '5', ...args]);
}

function wordsOf([table, chain, target, comment, extra]: (typeof jumps)[number], command: string): readonly string[] {
  return ['-t', table, command, chain, ...extra, '-m', 'comment', '--comment', comment, '-j', target];
}

async function chainsOf(namespace: Namespace, variant: Variant, table: 'nat' | 'filter'): Promise<readonly string[]> {
  const saved = await namespace.save(variant, 'IPv4');
  const text = saved.split('*').find((part) => part.startsWith(`${table}\n`)) ?? '';
  return [...text.matchAll(/^:(KUBE-\S+)/gm)].map(([, name = '']) => name).sort();
}

/** Flushes the fixed chains of a table and, in nat, deletes those of Services; in its clean-up the fixed ones too. */
async function restoreAs(namespace: Namespace, variant: Variant, isCleanup: boolean): Promise<void> {
  for (const table of ['nat', 'filter'] as const) {
    const there = await chainsOf(namespace, variant, table);
    const fixed = fixedChains[table].filter((name) => there.includes(name));
    const stale = table === 'nat' ? there.filter((name) => ofServices.test(name)) : [];
    const deleted = [...stale, ...(isCleanup ? fixed : [])];
    const lines = [...[...fixed, ...stale].map((name) => `:${name} - [0:0]`), ...deleted.map((name) => `-X ${name}`)];
    await namespace.restore(variant, 'IPv4', `*${table}\n${lines.join('\n')}\nCOMMIT\n`, { noFlush: true });
  }
}

async function cleanUpAs(namespace: Namespace, variant: Variant): Promise<void> {
  for (const jump of jumps) await iptables(namespace, variant, ...wordsOf(jump, '-D'));
  await restoreAs(namespace, variant, true);
}

for (const variant of variants) {
  describeKernel(`a kube-proxy that comes back, ${variant}`, () => {
    it('finds each of its jumps, takes over, and leaves nothing busy when it cleans up', async () => {
      await withNamespace(async (namespace) => {
        await namespace.restore(variant, 'IPv4', manyRules());
        const before = await chainsOf(namespace, variant, 'nat');
        expect(before).toEqual(expect.arrayContaining(['KUBE-SVC-10.96.0.0/20', 'KUBE-SVC-RULEWRIGHT']));
        expect(before.some((name) => name.startsWith('KUBE-EXT-tcp-'))).toBe(true);
        for (const jump of jumps) await iptables(namespace, variant, ...wordsOf(jump, '-C'));
        await restoreAs(namespace, variant, false);
        // The marker is gone with the rest: the rules are kube-proxy's now.
        expect(await chainsOf(namespace, variant, 'nat')).toEqual([...fixedChains.nat].sort());
        await cleanUpAs(namespace, variant);
        expect(await leftOf(namespace, variant)).toEqual(['KUBE-FIREWALL']);
      });
    });

    it("can clean up rulewright's rules without a start before", async () => {
      await withNamespace(async (namespace) => {
        await namespace.restore(variant, 'IPv4', manyRules());
        await cleanUpAs(namespace, variant);
        expect(await leftOf(namespace, variant)).toEqual(['KUBE-FIREWALL']);
      });
    });
  });
}

/** Chains that are left, without branches in filter, which no other chain calls any more (docs/semantics.md). */
async function leftOf(namespace: Namespace, variant: Variant): Promise<readonly string[]> {
  const filter = await chainsOf(namespace, variant, 'filter');
  const branches = filter.filter((name) => /^KUBE-(?:SVCS|NPTS|XSVC|PFWL)-/.test(name));
  const saved = await namespace.save(variant, 'IPv4');
  for (const line of saved.match(/^-A \S+ .* -j KUBE-\S+$/gm) ?? []) {
    expect(line).toMatch(/^-A (?:KUBE-(?:SVCS|NPTS|XSVC|PFWL)-|(?:INPUT|OUTPUT) -j KUBE-FIREWALL)/);
  }
  expect(branches.length).toBeGreaterThan(0);
  return [...(await chainsOf(namespace, variant, 'nat')), ...filter.filter((name) => !branches.includes(name))];
}
