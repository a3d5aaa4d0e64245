/** The table of nftables mode in a real kernel: adopted, watched, and what others do to it. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Namespace, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { diffRules, type Rules } from '../../../src/core/rules.ts';
import { type Drift, KernelError } from '../../../src/host/kernel.ts';
import { commandsIn } from '../../support/kernel/commands.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { adopt, goldenRules, nftKernelIn, suspicionsOf } from '../../support/kernel/host-kernels.ts';

let stop: AbortController;
let folder: string;
/** nft under another name: the kernel reports it as another program. */
let stranger: string;

beforeEach(() => {
  stop = new AbortController();
  folder = mkdtempSync(join(tmpdir(), 'rw-stranger-'));
  stranger = join(folder, 'stranger');
  copyFileSync('/usr/sbin/nft', stranger);
});

afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true });
});

const others = 'table inet other {\n\tchain services {\n\t\taccept\n\t}\n}\n';

async function nft({ exec }: Namespace, script: string): Promise<void> {
  await exec('nft', ['-f', '-'], { input: script });
}

describeKernel('reading our table back', () => {
  const cases = ['session-affinity', 'node-port-addresses', 'load-balancer-source-ranges', 'dual-stack', 'hairpin'];
  it.each(ipFamilies)('leaves nothing to do after applying, %s', async (family) => {
    await withNamespace(async (namespace) => {
      const kernel = nftKernelIn(namespace, family);
      expect(await kernel.read()).toBeUndefined();
      for (const name of cases) {
        const wanted = await goldenRules(name, 'nftables', family);
        await adopt(kernel, wanted);
        expect((await kernel.findDrift(wanted, false)).lost).toEqual([]);
        expect((await kernel.findDrift(wanted, true)).lost).toEqual([]);
        expect(diffRules(await kernel.read(), wanted).text).toBe('');
      }
    });
  });

  it('does not read other tables', async () => {
    await withNamespace(async (namespace) => {
      const kernel = nftKernelIn(namespace);
      await nft(namespace, others);
      await nft(namespace, 'table ip nat {\n\tchain services {\n\t\tcounter\n\t}\n}\n');
      expect(await kernel.read()).toBeUndefined();
      const wanted = await goldenRules('hairpin', 'nftables');
      await adopt(kernel, wanted);
      expect((await kernel.findDrift(wanted, false)).lost).toEqual([]);
      expect(await namespace.exec('nft', ['list', 'table', 'inet', 'other'])).toBe(others);
    });
  });

  it('reports a foreign construct in our table, and replaces it', async () => {
    await withNamespace(async (namespace) => {
      const kernel = nftKernelIn(namespace);
      const wanted = await goldenRules('hairpin', 'nftables');
      await nft(namespace, 'table ip rulewright {\n\tcounter c { }\n\tchain services {\n\t\tlog\n\t}\n}\n');
      const error = await kernel.read().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KernelError);
      expect(String(error)).toContain('table ip rulewright has what rulewright never writes: not a set, map or chain');
      expect(await kernel.apply(diffRules(undefined, wanted))).toMatchObject({ kind: 'applied' });
      expect((await kernel.findDrift(wanted, true)).lost).toEqual([]);
    });
  });
});

const table = 'ip rulewright';
const drifts = [
  { name: 'flushed table', script: `flush table ${table}`, lines: ['chain nat-prerouting has 0 rules, expected 1'] },
  { name: 'deleted table', script: `delete table ${table}`, lines: ['table ip rulewright is gone'] },
  { name: 'flushed ruleset', script: 'flush ruleset', lines: ['table ip rulewright is gone'] },
  {
    name: 'flushed chain',
    script: `flush chain ${table} services`,
    lines: ['chain services has 0 rules, expected 3'],
  },
  {
    name: 'foreign rule',
    script: `insert rule ${table} services accept`,
    lines: ['chain services has 4 rules, expected 3'],
  },
  { name: 'unreadable rule', script: `add rule ${table} services log`, lines: ['not ours: not understood: log'] },
  { name: 'foreign chain', script: `add chain ${table} mine`, lines: ['chain mine is unexpected'] },
  { name: 'foreign set', script: `add set ${table} s { type ipv4_addr; }`, lines: ['set s is unexpected'] },
  { name: 'flushed map', script: `flush map ${table} services`, lines: ['of map services is gone'] },
  {
    name: 'deleted element',
    script: `delete element ${table} services { 10.96.0.10 . tcp . 80 }`,
    lines: ['element 10.96.0.10 TCP 80 of map services is gone'],
  },
  {
    name: 'foreign element',
    script: `add element ${table} services { 192.0.2.1 . tcp . 1 : drop }`,
    lines: ['element 192.0.2.1 TCP 1 of map services is unexpected'],
  },
  {
    name: 'changed element',
    script: `delete element ${table} services { 10.96.0.10 . tcp . 80 }
      add element ${table} services { 10.96.0.10 . tcp . 80 : drop }`,
    lines: ['element 10.96.0.10 TCP 80 of map services has a different value'],
  },
];

/** Undefined where it is nothing that we could have written, so that all of it is replaced. */
function whatStands(standing: Drift['standing']): Rules | undefined {
  try {
    return standing();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    return undefined;
  }
}

describeKernel('what others do to our table', () => {
  it.each(drifts)('is suspected, found and repaired: $name', async ({ script, lines }) => {
    await withNamespace(async (namespace) => {
      const kernel = nftKernelIn(namespace);
      const wanted = await goldenRules('cluster-ip-three-endpoints', 'nftables');
      await adopt(kernel, wanted);
      const suspicions = suspicionsOf(kernel, stop.signal);
      await suspicions.seen(/told from now on/);
      await namespace.exec(stranger, ['-f', '-'], { input: script });
      await suspicions.seen(/^stranger changed rules$/);
      // Elements are checked because another program touched them.
      const { lost, standing } = await kernel.findDrift(wanted, false);
      expect(lost.slice(0, lines.length)).toEqual(lines.map((line) => expect.stringContaining(line)));
      expect(await kernel.apply(diffRules(whatStands(standing), wanted))).toMatchObject({ kind: 'applied' });
      expect((await kernel.findDrift(wanted, true)).lost).toEqual([]);
    });
  });

  it('is distinguished from our own commits, and from commits to other tables', async () => {
    await withNamespace(async (namespace) => {
      const kernel = nftKernelIn(namespace);
      const suspicions = suspicionsOf(kernel, stop.signal);
      await suspicions.seen(/told from now on/);
      for (const name of ['hairpin', 'endpoint-counts', 'session-affinity', 'cluster-ip-one-endpoint']) {
        await adopt(kernel, await goldenRules(name, 'nftables'));
        await nft(namespace, others);
        await namespace.exec('iptables-nft', ['-t', 'nat', '-A', 'OUTPUT', '-j', 'ACCEPT']);
      }
      await namespace.exec(stranger, [`add chain ${table} mine`]);
      await suspicions.seen(/changed rules/);
      expect(suspicions.all).toEqual(['changes are told from now on', 'stranger changed rules']);
    });
  });

  it('is checked periodically without notifications', async () => {
    await withNamespace(async (namespace) => {
      const run = commandsIn(namespace);
      const kernel = nftKernelIn(namespace, 'IPv4', (command, args, options) =>
        run(command === 'perl' ? '/nonexistent/perl' : command, args, options),
      );
      const suspicions = suspicionsOf(kernel, stop.signal);
      await suspicions.seen(/changes are not told: /);
    });
  });
});
