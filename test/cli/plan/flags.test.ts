import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/cli/flags/table.ts';
import { readForecastFlags } from '../../../src/cli/plan/flags.ts';
import { fatalRisks } from '../../../src/cli/plan/gate.ts';
import { type Forecast, type RiskCode, riskSeverities } from '../../../src/core/forecast/changes.ts';

function errors(inputs: readonly string[], given: GivenFlags): readonly string[] {
  const result = readForecastFlags(inputs, given);
  return 'errors' in result ? result.errors : [];
}

describe('the flags of plan', () => {
  it.each<[readonly string[], GivenFlags, string]>([
    [['a'], {}, 'inputs: got 1, want two, OLD and NEW'],
    [['a', 'b', 'c'], {}, 'inputs: got 3, want two, OLD and NEW'],
    [['a', 'b'], { from: 'http://127.0.0.1:1' }, 'inputs: got 2, want one, NEW, beside --from, --live or --kubeconfig'],
    [
      ['a'],
      { from: 'file:///etc/passwd' },
      "--from: got 'file:///etc/passwd', want the debug address of rulewright such as http://127.0.0.1:10249",
    ],
    [
      ['a'],
      { from: 'http://user:secret@127.0.0.1' },
      '--from: got a user or password, want the debug address of rulewright such as http://127.0.0.1:10249',
    ],
    [
      ['a', 'b'],
      { allNodes: true, hostnameOverride: 'x', nodeIp: ['10.0.0.1'] },
      '--hostname-override: it describes one node, want it without --all-nodes',
    ],
    [['a', 'b'], { ipFamily: 'ipv5' }, "--ip-family: got 'ipv5', want ipv4, ipv6 or both"],
  ])('%j %j: %s', (inputs, given, error) => {
    expect(errors(inputs, given)).toContain(error);
  });

  it('name the codes that --fail-on knows', () => {
    const [error = ''] = errors(['a', 'b'], { failOn: ['high', 'low,hgih'] });
    expect(error).toMatch(/^--fail-on: got 'hgih', want change, high, medium, low, or a code: /);
    expect(Object.keys(riskSeverities).filter((code) => !error.includes(code))).toEqual([]);
    expect(errors(['a', 'b'], { failOn: [' ', 'high, opened-to-world', 'change'] })).toEqual([]);
  });

  it('mean both families and either mode, where nothing else is said', () => {
    const result = readForecastFlags(['a', 'b'], { proxyMode: 'nftables' });
    expect(result).toMatchObject({
      settings: {
        compile: { families: ['IPv4', 'IPv6'], node: { mode: 'nftables', nodePortAddresses: { kind: 'primary' } } },
        otherMode: { node: { mode: 'iptables', nodePortAddresses: { kind: 'cidrs', cidrs: [] } } },
      },
    });
  });
});

describe('--fail-on', () => {
  const risky = (code: RiskCode): Forecast => ({
    services: [{ namespace: 'shop', name: 'web', change: 'changed', changes: [] }],
    node: [],
    diagnostics: { appeared: [], vanished: [] },
    risks: [{ code, severity: riskSeverities[code], service: 'shop/web', message: 'it happens' }],
    totals: { before: 1, after: 1 },
  });
  const quiet: Forecast = { ...risky('conflict'), services: [], risks: [] };

  it.each<[readonly string[], RiskCode, readonly string[]]>([
    [[], 'service-deleted', []],
    [['service-deleted'], 'service-deleted', ['service-deleted']],
    [['high'], 'service-deleted', ['service-deleted']],
    [['low'], 'service-deleted', ['service-deleted']],
    [['medium'], 'affinity-reset', []],
    [['affinity-reset', 'high'], 'affinity-reset', ['affinity-reset']],
    [['opened-to-world', 'change'], 'affinity-reset', ['change']],
  ])('%j, and %s was found: %j', (failOn, code, fatal) => {
    expect(fatalRisks([quiet, risky(code), risky(code)], failOn)).toEqual(fatal);
  });

  it('finds what was so before only by its code', () => {
    const message = 'it uses external IPs';
    const use = { code: 'external-ips-deprecated', severity: 'low', service: 'shop/web', message } as const;
    const standing: Forecast = { ...quiet, risks: [{ ...use, standing: true }] };
    expect(fatalRisks([standing], ['low', 'change'])).toEqual([]);
    expect(fatalRisks([standing], ['external-ips-deprecated'])).toEqual(['external-ips-deprecated']);
    expect(fatalRisks([{ ...quiet, risks: [use] }], ['low'])).toEqual(['external-ips-deprecated']);
  });

  it('finds nothing where nothing changes', () => {
    expect(fatalRisks([quiet], ['change', 'low'])).toEqual([]);
  });
});
