import { describe, expect, it } from 'vitest';
import { type CompileSettings, readCompileFlags } from '../../../src/cli/flags/settings.ts';
import type { GivenFlags } from '../../../src/cli/flags/table.ts';
import { documentWith } from '../../configuration/examples.ts';

const filename = ['shop.yaml'];

function settingsOf(given: GivenFlags): CompileSettings {
  const result = readCompileFlags({ filename, ...given });
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.settings;
}

function errorsOf(given: GivenFlags): readonly string[] {
  const result = readCompileFlags({ filename, ...given });
  return 'errors' in result ? result.errors : [];
}

describe('in nftables mode', () => {
  it('NodePorts answer on the primary address unless told otherwise, and both families are compiled', () => {
    const settings = settingsOf({ mode: 'nftables' });
    expect(settings.node.nodePortAddresses).toEqual({ kind: 'primary' });
    expect(settings.families).toEqual(['IPv4', 'IPv6']);
    expect(settingsOf({ mode: 'nftables', nodeportAddresses: ['10.0.0.0/8'] }).node.nodePortAddresses).toEqual({
      kind: 'cidrs',
      cidrs: ['10.0.0.0/8'],
    });
  });
});

describe('without flags', () => {
  it("has kube-proxy's defaults", () => {
    expect(settingsOf({}).node).toEqual({
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
    });
  });

  it('prints IPv4 rules, and both families as JSON', () => {
    expect(settingsOf({})).toMatchObject({ output: 'rules', families: ['IPv4'], familiesChosen: false });
    expect(settingsOf({ output: 'json' })).toMatchObject({ families: ['IPv4', 'IPv6'], familiesChosen: true });
  });

  it('takes an empty text for a flag that was not given, as kube-proxy does', () => {
    const empty = { mode: '', ipFamily: '', layout: '', zone: '', hostnameOverride: '', clusterCidr: '' };
    expect(settingsOf({ ...empty, nodeportAddresses: [''], nodeIp: [''] })).toEqual(settingsOf({}));
  });
});

describe('values', () => {
  it.each<[string, GivenFlags, object]>([
    ['a bare boolean', { masqueradeAll: true }, { masqueradeAll: true }],
    ['=true', { masqueradeAll: 'true' }, { masqueradeAll: true }],
    ['=false', { iptablesLocalhostNodeports: 'false' }, { localhostNodePorts: false }],
    ['=F', { iptablesLocalhostNodeports: 'F' }, { localhostNodePorts: false }],
    ['=1', { conntrackTcpBeLiberal: '1' }, { conntrackTcpBeLiberal: true }],
    ['bit 0', { iptablesMasqueradeBit: '0' }, { masqueradeBit: 0 }],
    ['bit 31', { iptablesMasqueradeBit: '31' }, { masqueradeBit: 31 }],
    [
      'a block of each family, host bits cleared',
      { clusterCidr: '10.244.7.7/16,fd00:10:244::/56' },
      { detectLocal: { mode: 'ClusterCIDR', cidrs: ['10.244.0.0/16', 'fd00:10:244::/56'] } },
    ],
    ['NodeCIDR', { detectLocalMode: 'NodeCIDR' }, { detectLocal: { mode: 'NodeCIDR' } }],
    [
      'a bridge',
      { detectLocalMode: 'BridgeInterface', podBridgeInterface: 'cni0' },
      { detectLocal: { mode: 'BridgeInterface', bridge: 'cni0' } },
    ],
    [
      'a prefix',
      { detectLocalMode: 'InterfaceNamePrefix', podInterfaceNamePrefix: 'cali' },
      { detectLocal: { mode: 'InterfaceNamePrefix', prefix: 'cali' } },
    ],
    ['primary', { nodeportAddresses: ['primary'] }, { nodePortAddresses: { kind: 'primary' } }],
    [
      'blocks, repeated and with commas',
      { nodeportAddresses: ['10.0.0.0/8,192.168.0.0/16', '::/0'] },
      { nodePortAddresses: { kind: 'cidrs', cidrs: ['10.0.0.0/8', '192.168.0.0/16', '::/0'] } },
    ],
    ['a layout', { layout: 'kube-proxy' }, { layout: 'kube-proxy' }],
    ['protected addresses', { protectNodeAddresses: true }, { claimRules: { protectNodeAddresses: true } }],
    [
      'protected ports',
      { protectedNodePorts: '22,10250', healthzBindAddress: '0.0.0.0:1' },
      { claimRules: { protectedPorts: expect.arrayContaining([{ port: 22, use: 'in --protected-node-ports' }]) } },
    ],
    ['a bound on frontends', { maxFrontends: '50' }, { claimRules: { maxFrontends: 50 } }],
  ])('reads %s', (_, given, wanted) => {
    expect(settingsOf(given).node).toMatchObject(wanted);
  });

  it.each<[string, GivenFlags, object]>([
    ['a family in any case', { ipFamily: 'IPv6' }, { families: ['IPv6'], familiesChosen: true }],
    ['both families', { ipFamily: 'both' }, { families: ['IPv4', 'IPv6'] }],
    ['node addresses in their order, each once', { nodeIp: ['::1,10.0.0.1', '::1'] }, { nodeIps: ['::1', '10.0.0.1'] }],
    ['a node name in lower case', { hostnameOverride: ' Node-1 ' }, { nodeName: 'node-1' }],
    ['a zone', { zone: 'eu-1a' }, { zone: 'eu-1a' }],
    ['--proxy-mode for --mode', { proxyMode: 'iptables', mode: 'iptables' }, {}],
  ])('reads %s', (_, given, wanted) => {
    expect(settingsOf(given)).toMatchObject(wanted);
  });

  it('says which flags the mode does not use, and reads them all the same', () => {
    const given = { detectLocalMode: 'NodeCIDR', clusterCidr: '10.0.0.0/8', podBridgeInterface: 'cni0' };
    expect(settingsOf(given).findings.map(({ diagnostic: { object, severity } }) => [object.name, severity])).toEqual([
      ['--cluster-cidr', 'info'],
      ['--pod-bridge-interface', 'info'],
    ]);
    expect(errorsOf({ ...given, clusterCidr: '10.0.0.0/33' })).toHaveLength(1);
  });
});

describe('--kubeconfig', () => {
  it('is not the flag of kube-proxy that a file of --config silences', () => {
    const config = { name: 'config.conf', index: -1, text: documentWith({}) };
    const result = readCompileFlags({ kubeconfig: 'admin.conf' }, { config });
    expect(result).toMatchObject({ settings: { kubeconfig: 'admin.conf', findings: [] } });
  });
});

describe('errors', () => {
  it.each<[GivenFlags, string]>([
    [{ filename: [] }, '--filename: nothing given, want -f with a file, a directory or - (stdin)'],
    [{ filename: ['-', '-'] }, '--filename: got - (stdin) more than once, want it at most once'],
    [
      { proxyMode: 'ipvs' },
      "--proxy-mode: got 'ipvs', want iptables or nftables: there is no ipvs mode, Kubernetes itself gives it up",
    ],
    [
      { mode: 'kernelspace' },
      "--mode: got 'kernelspace', want iptables or nftables: kernelspace is for Windows nodes only",
    ],
    [{ mode: 'iptable' }, "--mode: got 'iptable', want iptables or nftables"],
    [{ mode: 'iptables', proxyMode: 'ipvs' }, "--mode, --proxy-mode: got 'iptables' and 'ipvs', want one of the two"],
    [{ ipFamily: '4' }, "--ip-family: got '4', want ipv4, ipv6 or both"],
    [{ maxFrontends: '0' }, "--max-frontends: got '0', want a whole number, 1 to 1000000"],
    [{ protectedNodePorts: '22,70000' }, "--protected-node-ports: got '70000', want ports such as 22,10250"],
    [{ layout: 'Fast' }, "--layout: got 'Fast', want fast or kube-proxy"],
    [{ output: 'yaml' }, "--output: got 'yaml', want rules or json"],
    [{ color: 'yes' }, "--color: got 'yes', want auto, always or never"],
    [{ masqueradeAll: 'yes' }, "--masquerade-all: got 'yes', want true or false"],
    [{ iptablesMasqueradeBit: '32' }, "--iptables-masquerade-bit: got '32', want the number of a bit, 0 to 31"],
    [{ iptablesMasqueradeBit: '-1' }, "--iptables-masquerade-bit: got '-1', want the number of a bit, 0 to 31"],
    [
      { clusterCidr: '10.0.0.0/8,11.0.0.0/8' },
      "--cluster-cidr: got '10.0.0.0/8,11.0.0.0/8', want at most one IPv4 and one IPv6 block",
    ],
    [
      { clusterCidr: '10.0.0.1' },
      "--cluster-cidr: got '10.0.0.1', want a CIDR block such as 10.244.0.0/16 or fd00:10:244::/56",
    ],
    [
      { detectLocalMode: 'clustercidr' },
      "--detect-local-mode: got 'clustercidr', want ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix",
    ],
    [
      { detectLocalMode: 'BridgeInterface' },
      '--pod-bridge-interface: nothing is given, but pods are detected by BridgeInterface; give a name, or detect ' +
        'pods in another way',
    ],
    [
      { nodeportAddresses: ['primary', '10.0.0.0/8'] },
      "--nodeport-addresses: got 'primary,10.0.0.0/8', want either the word 'primary' alone or CIDR blocks",
    ],
    [
      { nodeIp: ['010.0.0.1'] },
      "--node-ip: got '010.0.0.1', want an IP address of the node such as 192.168.0.2 or 2001:db8::1",
    ],
    [{ zone: 'a b' }, "--zone: got 'a b', want a zone as in the label topology.kubernetes.io/zone"],
    [{ hostnameOverride: 'a_b' }, "--hostname-override: got 'a_b', want the name of a Node such as node-1.example.com"],
  ])('%j', (given, wanted) => {
    expect(errorsOf(given)).toEqual([wanted]);
  });

  it.each(['eth0 -j ACCEPT', 'a"b', 'cni+', '-i', '', '.', 'sixteencharacter', 'a/b', 'a\nb'])(
    'refuses the interface %j, which would be a part of a rule',
    (name) => {
      const bridge = { detectLocalMode: 'BridgeInterface', podBridgeInterface: name };
      const prefix = { detectLocalMode: 'InterfaceNamePrefix', podInterfaceNamePrefix: name };
      expect([errorsOf(bridge).length, errorsOf(prefix).length]).toEqual([1, 1]);
    },
  );

  it('leaves room in a prefix for the + behind it', () => {
    const prefix = (text: string) => ({ detectLocalMode: 'InterfaceNamePrefix', podInterfaceNamePrefix: text });
    expect(errorsOf(prefix('x'.repeat(14)))).toEqual([]);
    expect(errorsOf(prefix('x'.repeat(15)))).toHaveLength(1);
  });

  it('come all at once', () => {
    expect(errorsOf({ layout: 'x', ipFamily: 'y', zone: '?' })).toHaveLength(3);
  });

  it('show what was given on one line, without controls', () => {
    expect(errorsOf({ layout: 'a\n\u001b[31mb' })).toEqual([
      "--layout: got 'a\\n\\u{1b}[31mb', want fast or kube-proxy",
    ]);
  });
});
