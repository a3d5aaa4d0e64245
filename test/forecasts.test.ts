import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { riskSeverities } from '../src/core/forecast/changes.ts';
import {
  acceptGoldenForecast,
  type GoldenForecast,
  goldenForecasts,
  readGoldenForecast,
} from './support/golden/forecast.ts';

const isAccepting = process.env['ACCEPT'] !== undefined;

describe.each(goldenForecasts())('golden/forecast/%s', (name) => {
  let golden: GoldenForecast;
  beforeAll(async () => {
    golden = await readGoldenForecast(name);
    if (isAccepting) {
      acceptGoldenForecast(golden);
      golden = await readGoldenForecast(name);
    }
  });

  it('says what it is for', () => {
    expect(golden.goal.length).toBeGreaterThan(20);
  });

  it('tells what was accepted', () => {
    expect(golden.made).toEqual(golden.accepted);
  });
});

it('has every risk in the docs, with its severity', () => {
  const docs = readFileSync(new URL('../docs/cli-plan.md', import.meta.url), 'utf8');
  const rows = [...docs.matchAll(/^\| `([a-z-]+)` \| (high|medium|low) \|/gm)].map(([, code, severity]) => [
    code,
    severity,
  ]);
  expect(rows).toEqual(Object.entries(riskSeverities));
});

it('shows every risk that there is in some case', async () => {
  const all = await Promise.all(goldenForecasts().map(readGoldenForecast));
  const texts = all.map(({ made }) => made['plan.txt']).join('');
  expect(Object.keys(riskSeverities).filter((code) => !texts.includes(`[${code}]`))).toEqual([]);
});
