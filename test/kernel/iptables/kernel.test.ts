/** The chains of iptables mode in a real kernel, of both variants: adopted, watched, and what others do to them. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  addUplink,
  type Namespace,
  type Variant,
  variants,
  withNamespace,
} from '../../../scripts/lab/network/tools.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { diffRules } from '../../../src/core/rules.ts';
import type { RunCommand } from '../../../src/host/run-command.ts';
import { commandsIn } from '../../support/kernel/commands.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { holdLock } from '../../support/kernel/hold-lock.ts';
import { adopt, goldenRules, iptablesKernelIn, repair, suspicionsOf } from '../../support/kernel/host-kernels.ts';
import { openConnection } from '../../support/kernel/open-connection.ts';

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
});

const rulesFolder = new URL('../../support/kernel/node-rules/', import.meta.url);
const neighbours = readFileSync(new URL('neighbours.rules', rulesFolder), 'utf8');
const kubeProxy = readFileSync(new URL('kube-proxy.rules', rulesFolder), 'utf8');

const otherKubeProxys = `*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-LOAD-BALANCER - [0:0]
:KUBE-SVC-ICKQE4PTG2WGVXBF - [0:0]
:KUBE-SEP-3IHHUFR2KYE7CM33 - [0:0]
:KUBE-XLB-ICKQE4PTG2WGVXBF - [0:0]
-A KUBE-NODEPORTS -p tcp -m comment --comment "default/ext:" -m tcp --dport 32204 -j KUBE-XLB-ICKQE4PTG2WGVXBF
-A KUBE-XLB-ICKQE4PTG2WGVXBF -s 10.244.0.0/16 -m comment --comment "Redirect pods" -j KUBE-SVC-ICKQE4PTG2WGVXBF
-A KUBE-XLB-ICKQE4PTG2WGVXBF -m comment --comment "Balancing rule 0" -j KUBE-SEP-3IHHUFR2KYE7CM33
-A KUBE-LOAD-BALANCER -j KUBE-NODE-PORT
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
COMMIT
*filter
:KUBE-NODE-PORT - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SOURCE-RANGES-FIREWALL - [0:0]
:KUBE-IPVS-FILTER - [0:0]
:KUBE-IPVS-OUT-FILTER - [0:0]
-A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER
-A INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT
-A OUTPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-OUT-FILTER
-A KUBE-PROXY-FIREWALL -j KUBE-SOURCE-RANGES-FIREWALL
COMMIT
`;

/** Chains and rules, with their tables and without counters. */
async function linesOf(namespace: Namespace, variant: Variant): Promise<readonly string[]> {
  const lines: string[] = [];
  let table = '';
  for (const line of (await namespace.save(variant, 'IPv4')).split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    else if (/^[:-]/.test(line)) lines.push(`${table} ${line.replace(/ \[\d+:\d+\]$/, '')}`);
  }
  return lines;
}

for (const variant of variants) {
  describeKernel(`adopting what stands in the kernel, ${variant}`, () => {
    it.each(ipFamilies)('leaves nothing to do after applying, %s', async (family) => {
      await withNamespace(async (namespace) => {
        const kernel = iptablesKernelIn(namespace, variant, { family });
        expect(await kernel.read()).toBeUndefined();
        for (const name of ['session-affinity', 'load-balancer-source-ranges', 'dual-stack', 'hairpin']) {
          for (const layout of ['iptables', 'iptables-kube-proxy'] as const) {
            const wanted = await goldenRules(name, layout, family);
            await adopt(kernel, wanted);
            expect((await kernel.findDrift(wanted, false)).lost).toEqual([]);
            expect(diffRules(await kernel.read(), wanted).text).toBe('');
          }
        }
      });
    });

    it('takes over what ipvs mode and an old kube-proxy left, although it calls chains that go', async () => {
      await withNamespace(async (namespace) => {
        await namespace.restore(variant, 'IPv4', otherKubeProxys);
        const kernel = iptablesKernelIn(namespace, variant);
        const wanted = await goldenRules('cluster-ip-three-endpoints', 'iptables');
        await adopt(kernel, wanted);
        const left = (await linesOf(namespace, variant)).filter((line) =>
          /XLB|IPVS|NODE-PORT|BALANCER|RANGES/.test(line),
        );
        expect(left).toEqual([]);
        expect((await kernel.findDrift(wanted, true)).lost).toEqual([]);
      });
    });

    it("adopts kube-proxy's rules next to foreign rules; connections continue", { timeout: 60_000 }, async () => {
      await withNamespace(async (namespace) => {
        await addUplink(namespace);
        await namespace.restore(variant, 'IPv4', neighbours);
        const theirs = await linesOf(namespace, variant);
        await namespace.restore(variant, 'IPv4', kubeProxy, { noFlush: true });
        const connection = openConnection(namespace, { to: '10.96.0.10:80', server: '10.200.0.1:8080' });
        expect(await connection.echo('before')).toBe('before');
        const kernel = iptablesKernelIn(namespace, variant);
        const wanted = await goldenRules('cluster-ip-three-endpoints', 'iptables');
        const text = await adopt(kernel, wanted);
        // What kube-proxy had in the same words is left as it is.
        expect(text).not.toMatch(/^:KUBE-(POSTROUTING|MARK-MASQ|FORWARD|FIREWALL)/m);
        expect(text).toContain('-X KUBE-SVC-ERIFXISQEP7F7OF4');
        expect((await kernel.findDrift(wanted, true)).lost).toEqual([]);
        expect((await linesOf(namespace, variant)).filter((line) => theirs.includes(line))).toEqual(theirs);
        expect(await connection.echo('after')).toBe('after');
        await connection.close();
      });
    });

    it("keeps the kubelet's KUBE-FIREWALL if rulewright needs none", async () => {
      await withNamespace(async (namespace) => {
        const firewall =
          '*filter\n:KUBE-FIREWALL - [0:0]\n-A INPUT -j KUBE-FIREWALL\n-A KUBE-FIREWALL -j RETURN\nCOMMIT\n';
        await namespace.restore(variant, 'IPv6', firewall);
        const kernel = iptablesKernelIn(namespace, variant, { family: 'IPv6' });
        expect(await kernel.read()).toBeUndefined();
        const wanted = await goldenRules('dual-stack', 'iptables', 'IPv6');
        await adopt(kernel, wanted);
        expect((await kernel.findDrift(wanted, false)).lost).toEqual([]);
        const saved = await namespace.save(variant, 'IPv6');
        for (const line of ['-A INPUT -j KUBE-FIREWALL', '-A KUBE-FIREWALL -j RETURN']) expect(saved).toContain(line);
      });
    });
  });

  describeKernel(`a tool that fails, ${variant}`, () => {
    it('is an outcome, with the error message', async () => {
      await withNamespace(async (namespace) => {
        const kernel = iptablesKernelIn(namespace, variant);
        const failures = [
          ['*nat\n-D PREROUTING -j KUBE-SERVICES\nCOMMIT\n', { reason: 'base' }],
          ['*nat\n-X KUBE-SVC-X\nCOMMIT\n', { reason: 'base', line: 2 }],
          ['*nat\n:KUBE-SVC-X - [0:0]\n-A KUBE-SVC-X -j KUBE-SEP-X\nCOMMIT\n', { reason: 'base' }],
          ['*nat\n:KUBE-SVC-X - [0:0]\n-A KUBE-SVC-X -j REJECT\nCOMMIT\n', { reason: 'refused' }],
          ['*nat\n:KUBE-SVC-X - [0:0]\n-A KUBE-SVC-X --bogus\nCOMMIT\n', { reason: 'refused', line: 3 }],
          ['*nat\n:KUBE-SVC-X - [0:0]\n-A KUBE-SVC-X -d 1.2.3.999\nCOMMIT\n', { reason: 'refused', line: 3 }],
        ] as const;
        for (const [text, expected] of failures) {
          expect(await kernel.apply({ text }), text).toMatchObject({
            kind: 'failed',
            detail: expect.stringMatching(/./),
            ...expected,
          });
        }
        expect(await kernel.read()).toBeUndefined();
      });
    });

    it('may not change rules', async () => {
      await withNamespace(async (namespace) => {
        const run = commandsIn(namespace, ['setpriv', '--bounding-set=-all']);
        const kernel = iptablesKernelIn(namespace, variant, { run });
        const wanted = await goldenRules('hairpin', 'iptables');
        const { text } = diffRules(undefined, wanted);
        expect(await kernel.apply({ text })).toMatchObject({ kind: 'failed', reason: 'tool' });
      });
    });
  });

  const tool = `iptables-${variant}`;
  const drifts = [
    { name: 'flushed table', args: ['-t', 'nat', '-F'], line: /^chain nat KUBE-\S+ has 0 rules, expected \d/ },
    {
      name: 'flushed chain',
      args: ['-t', 'nat', '-F', 'KUBE-SERVICES'],
      line: /^chain nat KUBE-SERVICES has \d+ rules?, expected/,
    },
    {
      name: 'deleted jump',
      args: ['-t', 'nat', '-D', 'PREROUTING', '1'],
      line: /^the jump from nat PREROUTING to KUBE-SERVICES is gone$/,
    },
    {
      name: 'foreign rule in our chain',
      args: ['-t', 'nat', '-I', 'KUBE-SERVICES', '-j', 'ACCEPT'],
      line: /^chain nat KUBE-SERVICES has \d+ rules?, expected/,
    },
    { name: 'foreign chain of our kind', args: ['-N', 'KUBE-SVC-X'], line: /^chain filter KUBE-SVC-X is unexpected$/ },
    {
      name: 'second jump',
      args: ['-t', 'nat', '-A', 'OUTPUT', '-j', 'KUBE-SERVICES'],
      line: /^the jump from nat OUTPUT to KUBE-SERVICES is unexpected$/,
      isQuiet: true,
    },
  ];

  describeKernel(`what others do to our chains, ${variant}`, () => {
    it.each(drifts)('is suspected, found and repaired: $name', async ({ args, line, isQuiet }) => {
      await withNamespace(async (namespace) => {
        await namespace.restore(variant, 'IPv4', neighbours);
        const kernel = iptablesKernelIn(namespace, variant);
        const wanted = await goldenRules('cluster-ip-three-endpoints', 'iptables');
        await adopt(kernel, wanted);
        const suspicions = suspicionsOf(kernel, stop.signal);
        await suspicions.seen(/./);
        await namespace.exec(tool, args);
        if (isQuiet !== true) await suspicions.seen(variant === 'nft' ? /iptables-nft changed rules/ : /nobody tells/);
        expect(await repair(kernel, wanted)).toContainEqual(expect.stringMatching(line));
        expect((await kernel.findDrift(wanted, false)).lost).toEqual([]);
      });
    });

    it('is found after a reload that restores only foreign rules', async () => {
      await withNamespace(async (namespace) => {
        const kernel = iptablesKernelIn(namespace, variant);
        const wanted = await goldenRules('cluster-ip-three-endpoints', 'iptables');
        await adopt(kernel, wanted);
        await namespace.restore(variant, 'IPv4', neighbours);
        const { lost: drift } = await kernel.findDrift(wanted, false);
        expect(drift).toContainEqual('chain nat KUBE-SERVICES is gone');
        expect(drift).toContainEqual('the jump from nat OUTPUT to KUBE-SERVICES is gone');
        const theirs = await linesOf(namespace, variant);
        await adopt(kernel, wanted);
        expect((await kernel.findDrift(wanted, false)).lost).toEqual([]);
        expect((await linesOf(namespace, variant)).filter((line) => theirs.includes(line))).toEqual(theirs);
      });
    });
  });
}

describeKernel('the xtables lock', () => {
  it('is waited for while another process holds it, and the wait is reported', async () => {
    await withNamespace(async (namespace) => {
      const lock = await holdLock(namespace.lockFile);
      const inside = commandsIn(namespace);
      const waits: string[] = [];
      const run: RunCommand = (command, args, options) => {
        const waiting = inside(command, args, options);
        waits.push(command);
        // Found to be held, and now waited for.
        if (args.includes('--wait')) void lock.release();
        return waiting;
      };
      const kernel = iptablesKernelIn(namespace, 'legacy', { run });
      const { text } = diffRules(undefined, await goldenRules('hairpin', 'iptables'));
      const outcome = await kernel.apply({ text });
      expect(outcome).toEqual({ kind: 'applied', lockWaitMs: expect.any(Number) });
      expect(outcome.lockWaitMs).toBeGreaterThan(0);
      expect(waits).toEqual(['flock', 'flock', 'iptables-legacy-restore']);
      expect(await kernel.apply({ text: '*nat\nCOMMIT\n' })).toEqual({ kind: 'applied', lockWaitMs: 0 });
    });
  });
});
