import { describe, expect, it } from 'vitest';
import { benchConfig, makeObjects, put } from '../../scripts/bench/inputs.ts';
import { printChains, printChange } from '../../scripts/bench/kernel/chain-per-service.ts';
import type { KernelFigures } from '../../scripts/bench/kernel/measure.ts';
import { makeSubject } from '../../scripts/bench/kernel/subject.ts';
import { kernelTable, verdict } from '../../scripts/bench/kernel/table.ts';
import { readOptions } from '../../scripts/bench/options.ts';
import { type Scenario, scenariosOf } from '../../scripts/bench/scenarios.ts';
import { formatMs, formatRatio, formatTable } from '../../scripts/lib/table.ts';
import { createCompiler } from '../../src/core/compiler.ts';

const scenario: Scenario = {
  backend: 'nftables',
  shape: 'rulewright',
  services: 10_000,
  loadLimitSeconds: 45,
  loadOnly: false,
};

function figures(changes: Partial<Scenario>, loadMs?: number, changeMs?: number, lastUs = 50): KernelFigures {
  const part = { compileMs: 10, diffMs: 1, applyMs: 20, changes: 11, bytes: 350 };
  return {
    scenario: { ...scenario, ...changes },
    loadMs,
    change: changeMs === undefined ? undefined : { ms: changeMs, ...part },
    connect: { firstUs: 50, lastUs, connections: 10 },
  };
}

describe('options', () => {
  it('asks for everything unless told otherwise', () => {
    expect(readOptions([])).toEqual({
      output: 'table',
      parts: ['compile', 'verify', 'kernel', 'daemon', 'repair'],
      modes: ['iptables', 'nftables'],
      services: [1_000, 10_000, 30_000],
    });
  });

  it.each([
    [['both'], 'PART takes compile or verify or kernel or daemon or repair, not both'],
    [['--mode', 'ipvs'], '--mode takes iptables or nftables, not ipvs'],
    [['-o', 'yaml'], '--output takes table or json, not yaml'],
    [['--services', '1000,,'], '--services takes numbers from 300 to 50000, not '],
    [['--services', '10'], '--services takes numbers from 300 to 50000, not 10'],
  ])('refuses %s', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('scenarios', () => {
  it('skips slow measurements, and loads the quadratic baseline at most once', () => {
    const names = scenariosOf([1_000, 30_000], ['nftables']).map(({ shape, services }) => `${shape} ${services}`);
    expect(names).toEqual(['rulewright 1000', 'rulewright 30000', 'kube-proxy 1000']);
    const [baseline] = scenariosOf([10_000], ['nftables']).filter(({ shape }) => shape === 'kube-proxy');
    expect(baseline?.loadOnly).toBe(true);
  });
});

describe('what is measured', () => {
  it('changes four elements when an endpoint is removed in nftables mode', () => {
    const subject = makeSubject({ ...scenario, services: 300 });
    const lines = subject.change(2).text.trim().split('\n');
    expect(lines.map((line) => line.replace(/\{.*/, '').replace('tcp-', '').trim())).toEqual([
      'delete element ip rulewright services',
      'delete element ip rulewright endpoints',
      'add element ip rulewright services',
      'add element ip rulewright endpoints',
    ]);
  });

  it('restores the same rules with the endpoint', () => {
    const subject = makeSubject({ ...scenario, backend: 'iptables-legacy', services: 300 });
    const [gone, back] = [subject.change(2).text, subject.change(3).text];
    expect(gone).not.toBe(back);
    expect(makeSubject({ ...scenario, backend: 'iptables-legacy', services: 300 }).text).toBe(subject.text);
  });

  it('gives the baseline a chain for each Service and each of its endpoints', () => {
    const { plan } = createCompiler(benchConfig('nftables'), 'IPv4').compile(put(makeObjects(300)));
    const text = printChains(plan.servicePorts.flat());
    expect(text.match(/^chain service-/gm)).toHaveLength(300);
    // One Service has nine.
    expect(text.match(/^chain endpoint-/gm)).toHaveLength(2_999);
    expect(printChange(plan.servicePorts.flat()[0], 'remove')).toContain('numgen random mod 9 vmap');
  });
});

describe('tables', () => {
  it('aligns', () => {
    expect(formatTable(['a', 'bb'], [['ccc', '1']])).toBe('a    bb\nccc   1');
  });

  it('prints times and ratios with the digits that matter', () => {
    expect([formatMs(1.26), formatMs(12.6), formatMs(1_260)]).toEqual(['1.3 ms', '13 ms', '1.26 s']);
    expect([formatRatio(3, 2), formatRatio(30, 2), formatRatio(3, undefined)]).toEqual(['1.5×', '15×', '']);
  });

  it('compares the baseline with ours, and marks it when it was stopped', () => {
    const rows = kernelTable([figures({}, 1_000, 30), figures({ shape: 'kube-proxy' })]).split('\n');
    expect(rows[1]).toMatch(/^nftables, flat maps +10000 × 10 +1\.00 s .* met$/);
    expect(rows[2]).toMatch(/^nftables, chain per Service +10000 × 10 +> 45\.00 s +> 45×/);
  });

  it.each([
    ['met', figures({}, 2_500, 50, 57)],
    ['missed: full load ≤ 2.50 s', figures({}, 2_501, 50)],
    ['missed: one change ≤ 50 ms', figures({}, 2_500, 51)],
    ['missed: last ÷ first ≤ 1.15', figures({}, 2_500, 50, 58)],
    ['missed: full load ≤ 2.50 s, one change ≤ 50 ms', figures({})],
    ['', figures({ shape: 'kube-proxy' }, 60_000)],
  ])('tells targets: %s', (text, measured) => {
    expect(verdict(measured)).toBe(text);
  });
});
