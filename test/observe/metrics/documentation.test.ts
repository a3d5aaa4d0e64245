/** docs/observability.md lists exactly the metrics that are served, with their types and labels. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricsForTest, noSources } from './reading.ts';

const page = readFileSync(new URL('../../../docs/observability.md', import.meta.url), 'utf8');

interface Row {
  readonly type: string;
  readonly labels: readonly string[];
}

/** The rows `| name | type | labels | meaning |` of all tables. */
function documented(): ReadonlyMap<string, Row> {
  const rows = page.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| ([\w, ]*)\| [^|]+ \|$/gm);
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [name, { type, labels: labels.match(/\w+/g) ?? [] }]),
  );
}

function served(): ReadonlyMap<string, Row> {
  const metrics = [
    metricsForTest({ mode: 'iptables', sources: { ...noSources, readNfacct: () => Promise.resolve(new Map()) } }),
    metricsForTest({ mode: 'nftables' }),
  ];
  return new Map(metrics.flatMap((each) => each.list()).map(({ name, type, labels }) => [name, { type, labels }]));
}

describe('the list of metrics in the documentation', () => {
  it('has the metrics of both modes, and no others', () => {
    expect([...documented().keys()].sort()).toEqual([...served().keys()].sort());
  });

  it('has their types and labels', () => {
    const rows = documented();
    for (const [name, row] of served()) expect(rows.get(name), name).toEqual(row);
  });
});
