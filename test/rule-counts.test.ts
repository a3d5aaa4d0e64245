import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { goldenFolder, type VariantName, variants } from '../scripts/lab/golden/case.ts';
import { compile } from '../src/core/compiler.ts';
import type { Snapshot } from '../src/core/model/snapshot.ts';
import { countRules, printRules, type Rules } from '../src/core/rules.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from './support/objects.ts';

const path = join(goldenFolder, 'rule-counts.txt');
const endpoints = 10;

interface Row {
  readonly services: number;
  readonly variant: VariantName;
  readonly rules: number;
  readonly chains: number;
  readonly sets: number;
  readonly elements: number;
  readonly bytes: number;
}

/** Cluster IP Services whose endpoints are all on other nodes: what most Services look like to a node. */
function snapshotOfSize(services: number): Snapshot {
  const numbers = Array.from({ length: services }, (_, i) => i);
  return snapshotOf({
    services: numbers.map((i) => service(`service-${i}`, { clusterIps: { IPv4: ip(`10.96.${i >> 8}.${i & 255}`) } })),
    slices: numbers.map((i) => {
      const first = i * endpoints;
      const addresses = Array.from({ length: endpoints }, (_, j) => first + j);
      return slice(
        `service-${i}`,
        addresses.map((n) => endpoint(`10.244.${n >> 8}.${n & 255}`)),
      );
    }),
  });
}

function countOf(snapshot: Snapshot, services: number, { name, mode, layout }: (typeof variants)[number]): Row {
  const config = nodeConfig({
    mode,
    layout,
    ...(mode === 'nftables' ? { nodePortAddresses: { kind: 'primary' } } : {}),
  });
  const rules = compile(snapshot, config, ['IPv4']).rules.IPv4;
  if (rules === undefined) throw new Error('IPv4 was not compiled');
  return { services, variant: name, rules: countRules(rules), bytes: printRules(rules).length, ...countObjects(rules) };
}

function countObjects(rules: Rules): Pick<Row, 'chains' | 'sets' | 'elements'> {
  if (rules.mode === 'iptables') {
    return { chains: rules.ruleset.tables.flatMap(({ chains }) => chains).length, sets: 0, elements: 0 };
  }
  const { chains, sets } = rules.ruleset;
  const groups = sets.flatMap((set) => set.groups.flat());
  return { chains: chains.length, sets: sets.length, elements: groups.flatMap((group) => group.elements).length };
}

function formatRows(rows: readonly Row[]): string {
  const head = ['services', 'endpoints', 'variant', 'rules', 'chains', 'sets', 'elements', 'bytes'];
  const body = rows.map(({ services, variant, rules, chains, sets, elements, bytes }) =>
    [services, services * endpoints, variant, rules, chains, sets, elements, bytes].map(String),
  );
  const table = [head, ...body];
  const widths = head.map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, i) => (head[i] === 'variant' ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  );
  return lines.map((line) => `${line}\n`).join('');
}

describe('golden/rule-counts.txt', () => {
  let rows: readonly Row[];
  beforeAll(() => {
    rows = [1, 10, 100, 1000].flatMap((services) => {
      const snapshot = snapshotOfSize(services);
      return variants.map((variant) => countOf(snapshot, services, variant));
    });
    if (process.env['ACCEPT'] !== undefined) writeFileSync(path, formatRows(rows));
  });

  it('says how large the rules are', () => {
    expect(formatRows(rows)).toBe(existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  });

  it('has no more rules and chains for 1,000 Services than for 10 in nftables mode', () => {
    const sizes = rows.filter(({ variant, services }) => variant === 'nftables' && services >= 10);
    const [first] = sizes;
    expect(sizes.map(({ services }) => services)).toEqual([10, 100, 1000]);
    for (const { rules, chains, sets } of sizes) {
      expect({ rules, chains, sets }).toEqual({ rules: first?.rules, chains: first?.chains, sets: first?.sets });
    }
  });
});
