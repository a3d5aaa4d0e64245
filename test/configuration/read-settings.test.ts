import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FieldPath, fieldAt, fieldPaths } from '../../src/configuration/fields.ts';
import { flags } from '../../src/configuration/flags.ts';
import { readSettings } from '../../src/configuration/read-settings.ts';
import { proxySettings } from '../../src/configuration/settings.ts';
import type { ProxyMode } from '../../src/core/model/config.ts';
import { documentWith, examples } from './examples.ts';

type Given = Readonly<Record<string, string>>;

function read(given: Given, fields?: Readonly<Record<string, unknown>>, mode?: ProxyMode) {
  const texts = new Map(Object.entries(given).map(([name, text]) => [name, [text]]));
  const file = fields === undefined ? undefined : { name: 'config.conf', index: 0, text: documentWith(fields) };
  return readSettings({ texts, file, mode });
}

/** `warning Flag --x flag-ignored` */
function told(...args: Parameters<typeof read>): readonly string[] {
  return read(...args).findings.map(({ diagnostic: { severity, object, field, code } }) =>
    [severity, object.kind === 'Flag' ? object.name : field, code].join(' '),
  );
}

const settingsOf = (given: Given, fields?: Readonly<Record<string, unknown>>) =>
  proxySettings(read(given, fields).configuration, { layout: 'fast', master: '' });

describe('feature gates', () => {
  const gates = (text: string) => ({ 'feature-gates': text });

  it('switch external IPs off, in the file and as a flag', () => {
    const off = { featureGates: { AllowServiceExternalIPs: false } };
    expect(settingsOf({}, off).node.claimRules.allowExternalIps).toBe(false);
    expect(settingsOf(gates('AllowServiceExternalIPs=false')).node.claimRules.allowExternalIps).toBe(false);
    expect(settingsOf(gates('AllowServiceExternalIPs=true,X=false')).node.claimRules.allowExternalIps).toBe(true);
  });

  it('that rulewright does not know have no effect, which is said', () => {
    expect(told(gates('A=true,AllowServiceExternalIPs=true'))).toEqual(['warning --feature-gates flag-without-effect']);
    expect(told({}, { featureGates: { A: true } })).toEqual(['warning featureGates field-without-effect']);
    expect(told({}, { featureGates: { AllowServiceExternalIPs: false } })).toEqual([]);
  });
});

describe('without anything', () => {
  it("has kube-proxy's defaults", () => {
    expect(settingsOf({})).toEqual({
      node: {
        mode: 'iptables',
        masqueradeAll: false,
        masqueradeBit: 14,
        detectLocal: { mode: 'ClusterCIDR', cidrs: [] },
        nodePortAddresses: { kind: 'cidrs', cidrs: [] },
        localhostNodePorts: true,
        conntrackTcpBeLiberal: false,
        claimRules: {
          allowExternalIps: true,
          protectNodeAddresses: false,
          protectedPorts: [
            { port: 10250, use: "the kubelet's" },
            { port: 10256, use: "rulewright's own" },
            { port: 10249, use: "rulewright's own" },
          ],
          maxFrontends: 10_000,
        },
        layout: 'fast',
      },
      hostnameOverride: undefined,
      healthzBindAddress: { host: '0.0.0.0', port: 10256 },
      metricsBindAddress: { host: '127.0.0.1', port: 10249 },
      bindAddressHardFail: false,
      enableProfiling: false,
      clientConnection: { kubeconfig: '', master: '', qps: 5, burst: 10 },
      syncPeriodMs: 30_000,
      minSyncPeriodMs: 0,
      conntrack: {
        maxPerCore: 32768,
        min: 131072,
        tcpEstablishedTimeoutMs: 86_400_000,
        tcpCloseWaitTimeoutMs: 3_600_000,
        tcpBeLiberal: false,
        udpTimeoutMs: 0,
        udpStreamTimeoutMs: 0,
      },
      oomScoreAdj: -999,
      logging: { format: 'text', verbosity: 0 },
      featureGates: {},
    });
    expect(settingsOf({}, {})).toEqual(settingsOf({}));
  });

  it('NodePorts answer on the primary address in mode nftables', () => {
    expect(settingsOf({}, { mode: 'nftables' }).node.nodePortAddresses).toEqual({ kind: 'primary' });
  });

  it('servers are those of IPv6 where the bind address is', () => {
    expect(settingsOf({ 'bind-address': 'fd00::1' })).toMatchObject({
      healthzBindAddress: { host: '::', port: 10256 },
      metricsBindAddress: { host: '::1', port: 10249 },
    });
  });

  it('a server may be off', () => {
    expect(settingsOf({ 'healthz-port': '0', 'metrics-bind-address': '' })).toMatchObject({
      healthzBindAddress: undefined,
      metricsBindAddress: undefined,
    });
  });
});

describe('of the modes each has its own fields', () => {
  const fields = {
    'iptables.masqueradeBit': 1,
    'nftables.masqueradeBit': 2,
    'nftables.masqueradeAll': true,
    'iptables.syncPeriod': '1m',
    'nftables.syncPeriod': '2m',
    'iptables.minSyncPeriod': '3s',
    'nftables.minSyncPeriod': '4s',
  };

  it.each<[ProxyMode, object, object]>([
    ['iptables', { masqueradeBit: 1, masqueradeAll: false }, { syncPeriodMs: 60_000, minSyncPeriodMs: 3000 }],
    ['nftables', { masqueradeBit: 2, masqueradeAll: true }, { syncPeriodMs: 120_000, minSyncPeriodMs: 4000 }],
  ])('%s', (mode, node, periods) => {
    expect(settingsOf({}, { ...fields, mode })).toMatchObject({ node: { mode, ...node }, ...periods });
  });

  it('and somebody may ask for the other one', () => {
    const { configuration } = read({}, { ...fields, mode: 'iptables' }, 'nftables');
    expect(proxySettings(configuration, { layout: 'fast', master: '' }).node).toMatchObject({
      mode: 'nftables',
      masqueradeBit: 2,
      nodePortAddresses: { kind: 'primary' },
    });
  });

  it('of the other mode they have no effect, and this is said', () => {
    expect(told({}, { 'nftables.masqueradeAll': true, 'nftables.masqueradeBit': 14 })).toEqual([
      'warning nftables.masqueradeAll field-without-effect',
    ]);
    expect(told({ 'proxy-mode': 'nftables', 'iptables-localhost-nodeports': 'false' })).toEqual([
      'warning --iptables-localhost-nodeports flag-without-effect',
    ]);
  });
});

describe('what has no effect', () => {
  const inert = fieldPaths.filter((path) => fieldAt(path).effect.kind === 'none');

  it.each(inert)('%s is said to have none', (path) => {
    expect(told({}, { [path]: examples[path].json })).toEqual([`warning ${path} field-without-effect`]);
  });

  it.each(inert)('%s with the value that it has anyway is no matter', (path) => {
    const { kind, absent } = fieldAt(path);
    expect(told({}, { [path]: kind.print(absent) })).toEqual([]);
  });

  it.each<[FieldPath, unknown]>([
    ['clientConnection.contentType', 'application/json'],
    ['ipvs.syncPeriod', '0s'],
    ['ipvs.minSyncPeriod', '0s'],
    ['udpIdleTimeout', '250ms'],
    ['resourceContainer', '/kube-proxy'],
  ])('%s %j is what a kube-proxy writes, and no matter', (path, json) => {
    expect(told({}, { [path]: json })).toEqual([]);
  });

  it.each(flags.filter(({ without }) => without !== undefined).map(({ name }) => name))(
    '--%s is said to have none',
    (name) => {
      expect(told({ [name]: 'x' })).toEqual([`warning --${name} flag-without-effect`]);
    },
  );

  it('what kube-proxy command lines say by habit is no matter', () => {
    expect(told({ logtostderr: 'true' })).toEqual([]);
  });
});

describe('what belongs together', () => {
  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['a minimum above the period', { 'iptables.minSyncPeriod': '31s' }, ['error iptables.minSyncPeriod field-invalid']],
    ['as long as the period', { 'iptables.minSyncPeriod': '30s' }, []],
    [
      'a bridge that is not named',
      { detectLocalMode: 'BridgeInterface' },
      ['error detectLocal.bridgeInterface field-invalid'],
    ],
    [
      'a prefix that is not given',
      { detectLocalMode: 'InterfaceNamePrefix' },
      ['error detectLocal.interfaceNamePrefix field-invalid'],
    ],
    ['blocks that are not given', { detectLocalMode: 'ClusterCIDR' }, []],
    [
      'what another detection uses',
      { detectLocalMode: 'NodeCIDR', clusterCIDR: '10.0.0.0/8', 'detectLocal.bridgeInterface': 'cni0' },
      ['info clusterCIDR field-without-effect', 'info detectLocal.bridgeInterface field-without-effect'],
    ],
  ])('%s', (_, fields, wanted) => {
    expect(told({}, fields)).toEqual(wanted);
  });

  it('is looked at in flags, too, and said of the flag', () => {
    expect(told({ 'iptables-min-sync-period': '31s', 'proxy-mode': 'nftables' })).toEqual([
      'error --iptables-min-sync-period flag-invalid',
    ]);
    expect(told({ 'detect-local-mode': 'BridgeInterface' })).toEqual(['error --pod-bridge-interface flag-invalid']);
  });

  it('is not looked at when values are not valid', () => {
    expect(told({ 'detect-local-mode': 'BridgeInterface', 'pod-bridge-interface': 'a b' })).toEqual([]);
    expect(told({}, { detectLocalMode: 'BridgeInterface', 'detectLocal.bridgeInterface': 'a b' })).toEqual([
      'error detectLocal.bridgeInterface field-invalid',
    ]);
  });
});

describe('flags beside --config', () => {
  const given = (name: string): Given => ({ [name]: name.endsWith('bit') ? '3' : '' });
  const ignored = flags.filter(({ besideConfig }) => !besideConfig).map(({ name }) => name);

  it.each(ignored)('--%s is ignored, and this is said', (name) => {
    expect(told(given(name), {})).toEqual([`warning --${name} flag-ignored`]);
  });

  it.each<[Given, object]>([
    [{ 'hostname-override': 'b' }, { hostnameOverride: 'b' }],
    [{ v: '5' }, { logging: { format: 'json', verbosity: 5 } }],
    [{ 'logging-format': 'text' }, { logging: { format: 'text', verbosity: 1 } }],
    [{ 'cluster-cidr': '11.0.0.0/8' }, { node: { detectLocal: { cidrs: ['10.0.0.0/8'] } } }],
    [{ 'proxy-mode': 'iptables', 'iptables-masquerade-bit': '5' }, { node: { mode: 'nftables', masqueradeBit: 14 } }],
    [{ 'healthz-port': '0', 'metrics-bind-address': '' }, { healthzBindAddress: { port: 10256 } }],
  ])('%j', (flagsGiven, wanted) => {
    const file = {
      mode: 'nftables',
      hostnameOverride: 'a',
      clusterCIDR: '10.0.0.0/8',
      'logging.format': 'json',
      'logging.verbosity': 1,
    };
    expect(settingsOf(flagsGiven, file)).toMatchObject(wanted);
  });

  it('must be valid all the same', () => {
    expect(read({ 'cluster-cidr': 'x' }, {}).flaws).toHaveLength(1);
  });
});

it('deprecated ports are said to be so', () => {
  const problems = (given: Given) =>
    read(given).findings.map(({ diagnostic: { code, problem } }) => [code, problem.split(',')[0]]);
  expect(problems({ 'healthz-port': '0' })).toEqual([['flag-deprecated', 'kube-proxy gives it up']]);
  expect(problems({ 'metrics-port': '99', 'metrics-bind-address': '::' })).toEqual([
    ['flag-deprecated', 'kube-proxy gives it up'],
  ]);
  expect(problems({ 'metrics-port': '99' })).toEqual([['flag-deprecated', 'it has no effect']]);
});

it('the file that kubeadm makes is read without a word', () => {
  const text = readFileSync(new URL('kubeadm.conf', import.meta.url), 'utf8');
  const file = { name: 'config.conf', index: 0, text };
  const { configuration, flaws, findings } = readSettings({ texts: new Map(), file });
  expect([flaws, findings]).toEqual([[], []]);
  expect(proxySettings(configuration, { layout: 'fast', master: '' })).toEqual({
    ...settingsOf({ 'cluster-cidr': '10.244.0.0/16' }),
    clientConnection: { kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf', master: '', qps: 5, burst: 10 },
  });
});
