/** Dumps in the shapes of kube-proxy 1.36, written for this test; see kube-proxy/cluster.yaml. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRuleset } from '../../../src/core/iptables/listing/parse.ts';
import type { ProxyMode } from '../../../src/core/model/config.ts';
import { parseTables } from '../../../src/core/nftables/listing/parse.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import type { ProofResult } from '../../../src/core/prove/proof-result.ts';
import type { RulesToProve } from '../../../src/core/prove/subject.ts';
import { formatDistribution } from '../../../src/core/trace/distribution.ts';
import { loadObjects } from '../../../src/files/load-objects.ts';
import { ip, nodeConfig, snapshotOfManifests } from '../../support/objects.ts';
import { judge } from './subjects.ts';

const read = (name: string): string => readFileSync(new URL(`kube-proxy/${name}`, import.meta.url), 'utf8');
const texts = { iptables: read('iptables-save.txt'), nftables: read('nft-list.txt') };
const { manifests } = await loadObjects([{ name: 'cluster.yaml', index: 0, text: read('cluster.yaml') }]);

function rulesOf(mode: ProxyMode, text: string): RulesToProve {
  if (mode === 'iptables') {
    const { ruleset, problems } = parseRuleset('IPv4', text);
    expect(problems).toEqual([]);
    return { mode, ruleset };
  }
  const { tables, problems } = parseTables(text);
  const [table] = tables;
  expect([problems, table?.problems, tables.length]).toEqual([[], [], 1]);
  if (table === undefined) throw new Error('no table');
  return { mode, ruleset: table.ruleset };
}

function verify(mode: ProxyMode, text: string = texts[mode]): ProofResult {
  const nodePorts = mode === 'iptables' ? {} : { nodePortAddresses: { kind: 'primary' } as const };
  const { plan } = planFamily(snapshotOfManifests(manifests), nodeConfig({ mode, ...nodePorts }), 'IPv4');
  return judge({ plan, rules: rulesOf(mode, text), host: { addresses: [ip('192.168.0.2')] } });
}

function told({ differences }: ProofResult): readonly string[] {
  return differences.map(({ packet: { source, destination, port }, expected, found, servicePort }) => {
    const fates = `${formatDistribution(expected)} | ${formatDistribution(found)}`;
    return `${servicePort ?? '-'} ${source} -> ${destination}:${port}: ${fates}`;
  });
}

describe("kube-proxy's rules", () => {
  it('are proven in nftables mode', () => {
    expect(verify('nftables')).toMatchObject({ outcome: 'proven', differences: [], obstacles: [] });
  });

  it('match the Services in iptables mode, except for one known difference', () => {
    const verdict = verify('iptables');
    expect(verdict.unknownClasses).toBe(0);
    expect(told(verdict)).toEqual(['shop/idle:http 192.168.0.2 -> 203.0.113.60:80: reject | pass']);
    expect(verdict.differences[0]?.deviation).toContain('kube-proxy');
  });

  it.each<[ProxyMode, string, string, string]>([
    [
      'iptables',
      '--probability 0.33333333349',
      '--probability 0.50000000000',
      'shop/web:http 203.0.113.1 -> 10.96.0.10:80: ' +
        '10.244.1.1:8080 masquerade 1/3, 10.244.1.2:8080 masquerade 1/3, 10.244.1.3:8080 masquerade 1/3 | ' +
        '10.244.1.1:8080 masquerade 1/2, 10.244.1.2:8080 masquerade 1/4, 10.244.1.3:8080 masquerade 1/4',
    ],
    ['iptables', '-s 198.51.100.0/24', '-s 198.51.100.0/25', ' -> 203.0.113.50:80: '],
    [
      'iptables',
      '-A KUBE-SEP-BBBBBBBBBBBBBBB4 -s 10.244.1.4/32',
      '-A KUBE-SEP-BBBBBBBBBBBBBBB4 -s 10.244.1.5/32',
      'shop/cart',
    ],
    [
      'iptables',
      '--rcheck --seconds 10800 --reap --name KUBE-SEP-BBBBBBBBBBBBBBB5',
      '--rcheck --seconds 10800 --reap --name KUBE-SEP-BBBBBBBBBBBBBBB4',
      'shop/cart',
    ],
    ['nftables', '2 : 10.244.1.3 . 8080', '2 : 10.244.1.2 . 8080', 'shop/web'],
    [
      'nftables',
      'ip saddr != { 198.51.100.0/24 } drop',
      'ip saddr != { 198.51.100.0/24, 192.0.2.1 } drop',
      '192.0.2.1 -> 203.0.113.50:80',
    ],
    ['nftables', 'tcp . 30080 : goto', 'tcp . 30081 : goto', 'shop/web'],
    ['nftables', '10.244.1.1 . 10.244.1.1 . tcp . 8080', '10.244.1.1 . 10.244.1.1 . tcp . 8081', '10.244.1.1 -> '],
  ])('in %s mode are refuted if %s becomes %s', (mode, from, to, message) => {
    const text = texts[mode].replace(from, to);
    expect(text).not.toBe(texts[mode]);
    const verdict = verify(mode, text);
    expect(verdict.outcome).toBe('different');
    expect(told(verdict).filter((line) => line.includes(message))).not.toEqual([]);
  });

  it('are not proven if packets meet unsupported expressions', () => {
    const text = texts.nftables.replace('\t\tip saddr != { 198.51.100.0/24 } drop', '\t\tmeta hour < 8 drop');
    const { outcome, obstacles, unknownClasses } = verify('nftables', text);
    expect([outcome, unknownClasses > 0]).not.toEqual(['proven', false]);
    expect(obstacles.map(({ text: words }) => words).join()).toContain('meta hour');
  });
});
