/** The flags of `compile`, all together: what commander read → settings, or every usage error in it. */
import type { Diagnostic } from '../core/diagnostics.ts';
import { type IpAddress, type IpFamily, ipFamilies } from '../core/model/address.ts';
import type { NodeConfig, ProxyMode } from '../core/model/config.ts';
import { type DetectLocalFlags, readDetectLocal, unusedDetectLocalFlags } from './detect-local.ts';
import { optional, type Reading, refuse, type Take, takeInto } from './flag-reading.ts';
import {
  readBoolean,
  readChoice,
  readMasqueradeBit,
  readNodeIps,
  readNodeName,
  readNodePortAddresses,
  readZone,
} from './flag-values.ts';
import { quoted } from './terminal-text.ts';

/** As commander collects them: no key for a flag that was not given, `true` for a bare boolean. */
export interface GivenFlags extends DetectLocalFlags {
  readonly filename?: readonly string[];
  readonly recursive?: true;
  readonly mode?: string;
  readonly proxyMode?: string;
  readonly ipFamily?: string;
  readonly layout?: string;
  readonly output?: string;
  readonly strict?: true;
  readonly verbose?: true;
  readonly color?: string;
  readonly hostnameOverride?: string;
  readonly nodeIp?: readonly string[];
  readonly zone?: string;
  readonly masqueradeAll?: string | true;
  readonly nodeportAddresses?: readonly string[];
  readonly iptablesLocalhostNodeports?: string | true;
  readonly iptablesMasqueradeBit?: string;
  readonly conntrackTcpBeLiberal?: string | true;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/** What is known of the node before its object has been looked for. */
export type NodeSettings = Omit<NodeConfig, 'nodeName' | 'fallbackNodeIps'>;

export interface CompileSettings {
  readonly paths: readonly string[];
  readonly recursive: boolean;
  readonly families: readonly IpFamily[];
  /** Whether --ip-family said so. */
  readonly familiesChosen: boolean;
  readonly output: 'rules' | 'json';
  readonly strict: boolean;
  readonly verbose: boolean;
  readonly color: ColorChoice;
  readonly nodeName: string | undefined;
  readonly nodeIps: readonly IpAddress[];
  readonly zone: string | undefined;
  readonly node: NodeSettings;
  /** Flags that have no effect beside the others. */
  readonly diagnostics: readonly Diagnostic[];
}

export type FlagsResult = { readonly settings: CompileSettings } | { readonly errors: readonly string[] };

/**
 * Reads all flags. The errors are lines for the user, each naming a flag, what was given and what is valid.
 * `inputs`: what the user knows the paths by; null where there need not be any.
 */
export function readFlags(given: GivenFlags, inputs: string | null = '--filename'): FlagsResult {
  const errors: string[] = [];
  const take = takeInto(errors);
  const isLeftOut = inputs === null && given.filename === undefined;
  const paths = take(isLeftOut ? undefined : readPaths(inputs ?? '--filename', given.filename), []);
  const output = take(optional('--output', given.output, readOutput), 'rules');
  const node = readNodeSettings(given, take);
  // Only the restore programs of iptables want one family at a time.
  const takesBoth = output === 'json' || node.mode === 'nftables';
  const settings: CompileSettings = {
    paths,
    recursive: given.recursive ?? false,
    families: take(optional('--ip-family', given.ipFamily, readFamilies), takesBoth ? ipFamilies : ['IPv4']),
    familiesChosen: Boolean(given.ipFamily) || takesBoth,
    output,
    strict: given.strict ?? false,
    verbose: given.verbose ?? false,
    color: take(optional('--color', given.color, readColor), 'auto'),
    nodeName: take<string | undefined>(
      optional('--hostname-override', given.hostnameOverride, readNodeName),
      undefined,
    ),
    nodeIps: take(optional('--node-ip', given.nodeIp, readNodeIps), []),
    zone: take<string | undefined>(optional('--zone', given.zone, readZone), undefined),
    node,
    diagnostics: unusedDetectLocalFlags(given, node.detectLocal),
  };
  return errors.length > 0 ? { errors } : { settings };
}

function readNodeSettings(given: GivenFlags, take: Take): NodeSettings {
  const { masqueradeAll, iptablesLocalhostNodeports, conntrackTcpBeLiberal, nodeportAddresses = [] } = given;
  const mode = take<ProxyMode>(readMode(given), 'iptables');
  return {
    mode,
    masqueradeAll: take(optional('--masquerade-all', masqueradeAll, readBoolean), false),
    masqueradeBit: take(optional('--iptables-masquerade-bit', given.iptablesMasqueradeBit, readMasqueradeBit), 14),
    detectLocal: readDetectLocal(given, take),
    nodePortAddresses: readNodePorts(mode, nodeportAddresses, take),
    localhostNodePorts: take(optional('--iptables-localhost-nodeports', iptablesLocalhostNodeports, readBoolean), true),
    conntrackTcpBeLiberal: take(optional('--conntrack-tcp-be-liberal', conntrackTcpBeLiberal, readBoolean), false),
    layout: take(optional('--layout', given.layout, readLayout), 'fast'),
  };
}

/** Where NodePorts answer when nobody says so is a matter of the mode, as in kube-proxy. */
function readNodePorts(mode: ProxyMode, given: readonly string[], take: Take): NodeConfig['nodePortAddresses'] {
  if (mode === 'nftables' && given.length === 0) return { kind: 'primary' };
  return take(readNodePortAddresses('--nodeport-addresses', given), { kind: 'primary' });
}

const readOutput = (flag: string, given: string) => readChoice(flag, given, ['rules', 'json'] as const);
const readLayout = (flag: string, given: string) => readChoice(flag, given, ['fast', 'kube-proxy'] as const);
const readColor = (flag: string, given: string) => readChoice(flag, given, ['auto', 'always', 'never'] as const);

function readPaths(flag: string, paths: readonly string[] = []): Reading<readonly string[]> {
  if (paths.length === 0) return { error: `${flag}: nothing given, want -f with a file, a directory or - (stdin)` };
  const readsStdin = paths.filter((path) => path === '-').length;
  if (readsStdin > 1) return { error: `${flag}: got - (stdin) more than once, want it at most once` };
  return paths.includes('') ? refuse(flag, '', 'a file, a directory or - (stdin)') : { value: paths };
}

function readFamilies(flag: string, given: string): Reading<readonly IpFamily[]> {
  const family = given.toLowerCase();
  if (family === 'both') return { value: ipFamilies };
  if (family === 'ipv4') return { value: ['IPv4'] };
  if (family === 'ipv6') return { value: ['IPv6'] };
  return refuse(flag, given, 'ipv4, ipv6 or both');
}

/** `--proxy-mode` is kube-proxy's name for `--mode`. Modes that rulewright does not have are refused by name. */
function readMode({ mode = '', proxyMode = '' }: GivenFlags): Reading<ProxyMode> {
  const flag = mode === '' ? '--proxy-mode' : '--mode';
  const given = mode === '' ? proxyMode : mode;
  const valid = 'iptables or nftables';
  if (mode !== '' && proxyMode !== '' && mode !== proxyMode) {
    return { error: `--mode, --proxy-mode: got ${quoted(mode)} and ${quoted(proxyMode)}, want one of the two` };
  }
  switch (given) {
    case '':
      return { value: 'iptables' };
    case 'iptables':
    case 'nftables':
      return { value: given };
    case 'ipvs':
      return refuse(flag, given, `${valid}: there is no ipvs mode, Kubernetes itself gives it up`);
    case 'kernelspace':
      return refuse(flag, given, `${valid}: kernelspace is for Windows nodes only`);
    default:
      return refuse(flag, given, valid);
  }
}
