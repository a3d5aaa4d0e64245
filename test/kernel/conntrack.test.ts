/** Real UDP flows through real rules, and which of them conntrack still knows after a change. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { addUplink, type Namespace, withNamespace } from '../../scripts/lab/network/tools.ts';
import { type Compilation, compile } from '../../src/core/compiler.ts';
import { ipFamilies } from '../../src/core/model/address.ts';
import type { EndpointSlice, Service } from '../../src/core/model/objects.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { diffRules } from '../../src/core/rules.ts';
import { type ReconcilerOptions, startConntrackReconciler } from '../../src/host/conntrack/conntrack.ts';
import type { PassResult } from '../../src/host/conntrack/pass.ts';
import { localAddresses } from '../../src/host/local-addresses.ts';
import { runCommand } from '../../src/host/run-command.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../support/objects.ts';

const config = nodeConfig({ mode: 'nftables', detectLocal: { mode: 'ClusterCIDR', cidrs: [] } });
const ports = [{ name: 'dns', protocol: 'UDP', port: 53, nodePort: 30053 }] as const;
const dns = service('dns', { ports, externalIps: [ip('203.0.113.1')] });
const other = service('other', { clusterIps: { IPv4: ip('10.96.0.99') }, ports: [{ ...ports[0], nodePort: 30099 }] });

function dnsSlice(addresses: readonly string[], over: Partial<EndpointSlice> = {}): EndpointSlice {
  const endpoints = addresses.map((address) => endpoint(address));
  return slice('dns', endpoints, { ports: [{ name: 'dns', protocol: 'UDP', port: 5353 }], ...over });
}

interface Node {
  readonly namespace: Namespace;
  /** Compiles, applies the rules and waits for what conntrack reports, of each family that was asked. */
  become(services: readonly Service[], slices: readonly EndpointSlice[]): Promise<readonly PassResult[]>;
  /** `10.96.0.1 53 -> 10.244.1.1 5353`, sorted, each with how many flows there are. */
  flows(family?: 'ipv4' | 'ipv6'): Promise<Readonly<Record<string, number>>>;
}

/** A separate namespace with rules and a reconciler. */
async function withNode(body: (node: Node) => Promise<void>): Promise<void> {
  await withNamespace(async (namespace) => {
    await addUplink(namespace);
    const inside: Pick<ReconcilerOptions, 'run' | 'addresses'> = {
      run: (command, args, options) => runCommand('ip', ['netns', 'exec', namespace.name, command, ...args], options),
      addresses: (family) => localAddresses(family, (path) => namespace.exec('cat', [path])),
    };
    let last: Compilation | undefined;
    let onReport: (result: PassResult) => void = () => undefined;
    const reconciler = startConntrackReconciler({ ...inside, onReport: (result) => onReport(result) });
    const apply = async (snapshot: Snapshot): Promise<Compilation> => {
      const compilation = compile(snapshot, config);
      for (const family of ipFamilies) {
        const wanted = compilation.rules[family];
        if (wanted === undefined) throw new Error(`${family} was not compiled`);
        const { text } = diffRules(last?.rules[family], wanted);
        if (text !== '') await namespace.exec('nft', ['-f', '-'], { input: text });
      }
      last = compilation;
      return compilation;
    };
    const become: Node['become'] = async (services, slices) => {
      const snapshot = snapshotOf({ services, slices });
      const hasIpv6 = services.some(({ clusterIps }) => clusterIps.IPv6 !== undefined);
      const { plans } = await apply(snapshot);
      const results: PassResult[] = [];
      await new Promise<void>((resolve) => {
        onReport = (result) => {
          results.push(result);
          if (results.length === (hasIpv6 ? 2 : 1)) resolve();
        };
        reconciler.request({ plans, snapshots: { IPv4: snapshot, IPv6: snapshot } });
      });
      return results;
    };
    try {
      await body({ namespace, become, flows: (family) => flowsOf(namespace, family) });
    } finally {
      await reconciler.stop();
    }
  });
}

async function flowsOf(namespace: Namespace, family = 'ipv4'): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const text = await namespace.exec('conntrack', ['-L', '-p', 'udp', '-f', family]);
  const pattern = /dst=(\S+) sport=\d+ dport=(\d+) (?:\[\w+\] )?src=(\S+) dst=\S+ sport=(\d+)/g;
  for (const [, address, port, from, fromPort] of text.matchAll(pattern)) {
    const flow = `${address} ${port} -> ${from} ${fromPort}`;
    counts[flow] = (counts[flow] ?? 0) + 1;
  }
  return counts;
}

async function sendFrom(count: number, namespace: Namespace, destination: string, port: number): Promise<void> {
  const script = fileURLToPath(new URL('../support/kernel/udp-clients.ts', import.meta.url));
  await namespace.exec(process.execPath, [script, '10.200.0.0', String(count), '20001', destination, String(port)]);
}

function sum(flows: Readonly<Record<string, number>>): number {
  return Object.values(flows).reduce((total, count) => total + count, 0);
}

describeKernel('stale UDP flows', () => {
  it('of a removed endpoint are deleted; its clients move to another endpoint; other entries stay', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      await become([dns], [dnsSlice(['10.244.1.1', '10.244.1.2'])]);
      // Through a shell, since the tool can read from a pipe, but not from the socket that Node gives it.
      await namespace.exec('sh', ['-c', 'cat | conntrack --load-file -'], { input: unrelatedEntries.join('') });
      await sendFrom(100, namespace, '10.96.0.1', 53);
      const before = await flows();
      const [gone, kept] = [before['10.96.0.1 53 -> 10.244.1.1 5353'] ?? 0, before['10.96.0.1 53 -> 10.244.1.2 5353']];
      expect(gone).toBeGreaterThan(0);
      expect(sum(before)).toBe(unrelatedEntries.length + 100);

      const [result] = await become([dns], [dnsSlice(['10.244.1.2'])]);
      expect(result).toMatchObject({ kind: 'complete', seen: sum(before), deleted: gone, problem: undefined });
      const after = await flows();
      expect(after['10.96.0.1 53 -> 10.244.1.1 5353']).toBeUndefined();
      expect(after['10.96.0.1 53 -> 10.244.1.2 5353']).toBe(kept);
      expect(sum(after)).toBe(sum(before) - gone);

      await sendFrom(100, namespace, '10.96.0.1', 53);
      expect((await flows())['10.96.0.1 53 -> 10.244.1.2 5353']).toBe(100);
    });
  });

  it('of a Service without endpoints are deleted, on every frontend', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      await become([dns], [dnsSlice(['10.244.1.1'])]);
      for (const [address, port] of [
        ['10.96.0.1', 53],
        ['203.0.113.1', 53],
        ['192.168.0.2', 30053],
      ] as const) {
        await sendFrom(5, namespace, address, port);
      }
      expect(Object.keys(await flows())).toHaveLength(3);
      const [result] = await become([dns], []);
      expect(result).toMatchObject({ kind: 'complete', seen: 15, deleted: 15 });
      expect(await flows()).toEqual({});
    });
  });

  it('of a deleted Service are deleted, but not other flows to the same place', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      await become([dns, other], [dnsSlice(['10.244.1.1'])]);
      await sendFrom(5, namespace, '10.96.0.1', 53);
      // Port forwarding of another program to the same place, and a packet that went to the address itself.
      const foreign = ['-I', '-p', 'udp', '-t', '600', '-s', '10.200.9.9', '-d', '10.96.0.1', '--dport', '53'];
      const answeredBy = (address: string) => [
        '--reply-src',
        address,
        '--reply-port-src',
        '53',
        '--reply-dst',
        '10.200.9.9',
      ];
      for (const [sport, address] of [
        ['1', '172.16.0.1'],
        ['2', '10.96.0.1'],
      ] as const) {
        const ends = ['--sport', sport, '--reply-port-dst', sport];
        await namespace.exec('conntrack', [...foreign, ...ends, ...answeredBy(address)]);
      }
      const [result] = await become([other], []);
      expect(result).toMatchObject({ kind: 'complete', seen: 7, deleted: 5 });
      expect(await flows()).toEqual({ '10.96.0.1 53 -> 172.16.0.1 53': 1, '10.96.0.1 53 -> 10.96.0.1 53': 1 });
    });
  });

  it('to a NodePort include only addresses of this node, not the same port elsewhere', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      await become([dns], [dnsSlice(['10.244.1.1'])]);
      await sendFrom(3, namespace, '192.168.0.2', 30053);
      await sendFrom(3, namespace, '198.51.100.7', 30053);
      const [result] = await become([dns], [dnsSlice(['10.244.1.2'])]);
      expect(result).toMatchObject({ deleted: 3 });
      expect(await flows()).toEqual({ '198.51.100.7 30053 -> 198.51.100.7 30053': 3 });
    });
  });

  it('from before the Service existed are deleted, so that the next packet finds an endpoint', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      await become([other], []);
      await sendFrom(3, namespace, '10.96.0.1', 53);
      expect(await flows()).toEqual({ '10.96.0.1 53 -> 10.96.0.1 53': 3 });
      await become([dns, other], [dnsSlice(['10.244.1.1'])]);
      await sendFrom(3, namespace, '10.96.0.1', 53);
      expect(await flows()).toEqual({ '10.96.0.1 53 -> 10.244.1.1 5353': 3 });
    });
  });

  it('stay with a terminating endpoint that still serves, although new ones go elsewhere', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      await become([dns], [dnsSlice(['10.244.1.1'])]);
      await sendFrom(3, namespace, '10.96.0.1', 53);
      const draining = endpoint('10.244.1.1', { ready: false, serving: true, terminating: true });
      const [result] = await become([dns], [dnsSlice([], { endpoints: [draining, endpoint('10.244.1.2')] })]);
      expect(result).toMatchObject({ deleted: 0 });
      expect(await flows()).toEqual({ '10.96.0.1 53 -> 10.244.1.1 5353': 3 });
    });
  });

  it('of IPv6 are deleted too', async () => {
    await withNode(async ({ namespace, become, flows }) => {
      const dual = { ...dns, clusterIps: { ...dns.clusterIps, IPv6: ip('fd00:96::10') } };
      const slices = (address: string) => [
        dnsSlice(['10.244.1.1'], { name: 'dns-4' }),
        dnsSlice([address], { name: 'dns-6', family: 'IPv6' }),
      ];
      await namespace.exec('ip', ['addr', 'add', 'fd00:1::2/64', 'dev', 'out', 'nodad']);
      await namespace.exec('ip', ['-6', 'route', 'add', 'default', 'dev', 'out']);
      await become([dual], slices('fd00:244::1'));
      const send = "const s = require('dgram').createSocket('udp6'); s.send('x', 53, 'fd00:96::10', () => s.close());";
      await namespace.exec(process.execPath, ['-e', send]);
      expect(await flows('ipv6')).toEqual({ 'fd00:96::10 53 -> fd00:244::1 5353': 1 });
      const results = await become([dual], slices('fd00:244::2'));
      expect(results.map(({ family, deleted }) => [family, deleted])).toEqual([
        ['IPv4', 0],
        ['IPv6', 1],
      ]);
      expect(await flows('ipv6')).toEqual({});
    });
  });
});

/** Between pods, and to a Service's address on another port. */
const unrelatedEntries = Array.from({ length: 5000 }, (_, i) => {
  const client = `10.1.${i >> 8}.${i & 255}`;
  const [address, port] = i % 2 === 0 ? ['10.244.1.1', 5353] : ['10.96.0.1', 54];
  const there = `-s ${client} -d ${address} --sport 1000 --dport ${port}`;
  const back = `--reply-src ${address} --reply-dst ${client} --reply-port-src ${port} --reply-port-dst 1000`;
  return `-I -p udp -t 600 ${there} ${back}\n`;
});
