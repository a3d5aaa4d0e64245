import { describe, expect, it } from 'vitest';
import { flags } from '../../src/configuration/flags.ts';
import { readFlags } from '../../src/configuration/read-flags.ts';

const read = (given: Readonly<Record<string, string | readonly string[]>>) =>
  readFlags(new Map(Object.entries(given).map(([name, texts]) => [name, [texts].flat()])));

/** Of each flag that sets a field: a text, the field and its value, and a text that is not valid (`any`: all are). */
const any = undefined;
const cases: readonly (readonly [string, string, string, unknown, string | undefined])[] = [
  ['kubeconfig', '/x', 'clientConnection.kubeconfig', '/x', any],
  ['kube-api-qps', '2.5', 'clientConnection.qps', 2.5, '-1'],
  ['kube-api-burst', '20', 'clientConnection.burst', 20, '1e3'],
  ['kube-api-content-type', 'text/plain', 'clientConnection.contentType', 'text/plain', any],
  ['hostname-override', ' Node-1', 'hostnameOverride', 'node-1', ' '],
  ['bind-address', '::', 'bindAddress', '::', '127.1'],
  ['oom-score-adj', '-500', 'oomScoreAdj', -500, '1001'],
  ['proxy-mode', 'iptables', 'mode', 'iptables', 'ipvs'],
  ['cluster-cidr', '10.0.0.0/8', 'clusterCIDR', ['10.0.0.0/8'], '10.0.0.0/8,11.0.0.0/8'],
  ['detect-local-mode', 'NodeCIDR', 'detectLocalMode', 'NodeCIDR', 'x'],
  ['pod-bridge-interface', 'cni0', 'detectLocal.bridgeInterface', 'cni0', 'a b'],
  ['pod-interface-name-prefix', 'cali', 'detectLocal.interfaceNamePrefix', 'cali', 'a b'],
  ['masquerade-all', 'T', 'iptables.masqueradeAll', true, 'yes'],
  ['nodeport-addresses', 'primary', 'nodePortAddresses', { kind: 'primary' }, 'all'],
  ['iptables-localhost-nodeports', 'false', 'iptables.localhostNodePorts', false, 'no'],
  ['iptables-masquerade-bit', '0', 'iptables.masqueradeBit', 0, '32'],
  ['iptables-sync-period', '1h2m', 'iptables.syncPeriod', 3_720_000, '0'],
  ['iptables-min-sync-period', '0', 'iptables.minSyncPeriod', 0, '-1s'],
  ['conntrack-max-per-core', '0', 'conntrack.maxPerCore', 0, '1.5'],
  ['conntrack-min', '1', 'conntrack.min', 1, '-1'],
  ['conntrack-tcp-timeout-established', '0s', 'conntrack.tcpEstablishedTimeout', 0, '24'],
  ['conntrack-tcp-timeout-close-wait', '1m', 'conntrack.tcpCloseWaitTimeout', 60_000, '1'],
  ['conntrack-tcp-be-liberal', 'true', 'conntrack.tcpBeLiberal', true, '2'],
  ['conntrack-udp-timeout', '10s', 'conntrack.udpTimeout', 10_000, 's'],
  ['conntrack-udp-timeout-stream', '10s', 'conntrack.udpStreamTimeout', 10_000, 's'],
  ['healthz-bind-address', '[::]:1', 'healthzBindAddress', { host: '::', port: 1 }, 'localhost:1'],
  ['metrics-bind-address', '1.2.3.4', 'metricsBindAddress', { host: '1.2.3.4', port: 10249 }, ':99999'],
  ['bind-address-hard-fail', 'true', 'bindAddressHardFail', true, 'x'],
  ['profiling', 'true', 'enableProfiling', true, 'x'],
  ['v', '2', 'logging.verbosity', 2, 'debug'],
  ['logging-format', 'json', 'logging.format', 'json', 'xml'],
  ['feature-gates', 'A=true,B=false', 'featureGates', { A: true, B: false }, 'A'],
  ['config-sync-period', '1m', 'configSyncPeriod', 60_000, '0s'],
  ['show-hidden-metrics-for-version', '1.35', 'showHiddenMetricsForVersion', '1.35', 'v1'],
  ['ipvs-sync-period', '1m', 'ipvs.syncPeriod', 60_000, 'x'],
  ['ipvs-min-sync-period', '1m', 'ipvs.minSyncPeriod', 60_000, 'x'],
  ['ipvs-scheduler', 'rr', 'ipvs.scheduler', 'rr', any],
  ['ipvs-exclude-cidrs', '10.0.0.0/8,::/0', 'ipvs.excludeCIDRs', ['10.0.0.0/8', '::/0'], 'x'],
  ['ipvs-strict-arp', 'true', 'ipvs.strictARP', true, 'x'],
  ['ipvs-tcp-timeout', '1m', 'ipvs.tcpTimeout', 60_000, 'x'],
  ['ipvs-tcpfin-timeout', '1m', 'ipvs.tcpFinTimeout', 60_000, 'x'],
  ['ipvs-udp-timeout', '1m', 'ipvs.udpTimeout', 60_000, 'x'],
  ['log-flush-frequency', '1s', 'logging.flushFrequency', 1000, 'x'],
  ['vmodule', 'a*=2', 'logging.vmodule', [{ filePattern: 'a*', verbosity: 2 }], 'a'],
  ['log-text-split-stream', 'true', 'logging.options.text.splitStream', true, 'x'],
  ['log-text-info-buffer-size', '1k', 'logging.options.text.infoBufferSize', '1k', '1K'],
  ['log-json-split-stream', 'true', 'logging.options.json.splitStream', true, 'x'],
  ['log-json-info-buffer-size', '2Ki', 'logging.options.json.infoBufferSize', '2Ki', '1K'],
];

/** All that `kube-proxy --help` of 1.36.2 lists, but for --help. */
const ofKubeProxy = `
bind-address bind-address-hard-fail boot-id-file cleanup cluster-cidr config config-sync-period
conntrack-max-per-core conntrack-min conntrack-tcp-be-liberal conntrack-tcp-timeout-close-wait
conntrack-tcp-timeout-established conntrack-udp-timeout conntrack-udp-timeout-stream detect-local-mode
feature-gates healthz-bind-address hostname-override init-only iptables-localhost-nodeports
iptables-masquerade-bit iptables-min-sync-period iptables-sync-period ipvs-exclude-cidrs ipvs-min-sync-period
ipvs-scheduler ipvs-strict-arp ipvs-sync-period ipvs-tcp-timeout ipvs-tcpfin-timeout ipvs-udp-timeout
kube-api-burst kube-api-content-type kube-api-qps kubeconfig log-flush-frequency log-json-info-buffer-size
log-json-split-stream log-text-info-buffer-size log-text-split-stream logging-format machine-id-file
masquerade-all master metrics-bind-address nodeport-addresses oom-score-adj pod-bridge-interface
pod-interface-name-prefix profiling proxy-mode show-hidden-metrics-for-version v version vmodule
write-config-to
`;

describe('flags', () => {
  it('are all that kube-proxy has', () => {
    const known: readonly string[] = flags.map(({ name }) => name);
    expect(
      ofKubeProxy
        .trim()
        .split(/\s+/)
        .filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  it('are all in the table below', () => {
    const setting = flags.filter(({ field }) => field !== undefined).map(({ name }) => name);
    expect(cases.map(([name]) => name).sort()).toEqual([...setting].sort());
  });

  it.each(cases)('--%s %s sets %s', (name, text, path, value) => {
    expect(read({ [name]: text })).toMatchObject({ given: { [path]: value }, flaws: [] });
  });

  const refused = cases.flatMap(([name, , path, , wrong]) => (wrong === any ? [] : [{ name, path, wrong }]));

  it.each(refused)('--$name $wrong is refused by name', ({ name, path, wrong }) => {
    const { given, flaws } = read({ [name]: wrong });
    const flag = name === 'v' ? '-v' : `--${name}`;
    expect(flaws).toEqual([{ flag, got: expect.anything(), want: expect.anything() }]);
    expect(Object.keys(given)).not.toContain(path);
  });

  it.each(cases.filter(([name]) => name !== 'metrics-bind-address'))('--%s= says nothing', (name) => {
    expect(read({ [name]: '' })).toMatchObject({ given: {}, flaws: [] });
  });

  it('given twice: the last one counts, and lists add up', () => {
    expect(read({ v: ['1', '2'] }).given).toEqual({ 'logging.verbosity': 2 });
    expect(read({ 'feature-gates': ['A=true,B=true', 'B=false'] }).given).toEqual({
      featureGates: { A: true, B: false },
    });
    expect(read({ 'nodeport-addresses': ['10.0.0.0/8', '::/0'] }).given).toEqual({
      nodePortAddresses: { kind: 'cidrs', cidrs: ['10.0.0.0/8', '::/0'] },
    });
  });

  it('of iptables set the fields of nftables where that is the mode', () => {
    const given = { 'proxy-mode': 'nftables', 'masquerade-all': 'true', 'iptables-masquerade-bit': '3' };
    const periods = { 'iptables-sync-period': '1m', 'iptables-min-sync-period': '1s' };
    expect(read({ ...given, ...periods }).given).toEqual({
      mode: 'nftables',
      'nftables.masqueradeAll': true,
      'nftables.masqueradeBit': 3,
      'nftables.syncPeriod': 60_000,
      'nftables.minSyncPeriod': 1000,
    });
  });
});

describe('servers', () => {
  it.each<[Readonly<Record<string, string>>, object]>([
    [{ 'metrics-bind-address': '' }, { metricsBindAddress: null }],
    [{ 'metrics-port': '0' }, { metricsBindAddress: null }],
    [{ 'healthz-port': '0' }, { healthzBindAddress: null }],
    [{ 'healthz-bind-address': '' }, {}],
    [{ 'healthz-port': '1234' }, {}],
    [
      { 'healthz-port': '1234', 'healthz-bind-address': '1.2.3.4' },
      { healthzBindAddress: { host: '1.2.3.4', port: 1234 } },
    ],
    [
      { 'metrics-port': '1234', 'metrics-bind-address': '1.2.3.4:5' },
      { metricsBindAddress: { host: '1.2.3.4', port: 5 } },
    ],
  ])('%j', (given, wanted) => {
    expect(read(given)).toMatchObject({ given: wanted, flaws: [] });
  });

  it('want a port', () => {
    const flags = ['healthz-port', 'metrics-port'].flatMap((name) => read({ [name]: '65536' }).flaws);
    expect(flags.map(({ flag }) => flag)).toEqual(['--healthz-port', '--metrics-port']);
  });
});
