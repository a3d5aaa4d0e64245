/** The flags of `compile`, all together: what commander read → settings, or every usage error in it. */
import type { FlagTexts } from '../../configuration/read-flags.ts';
import { readSettings } from '../../configuration/read-settings.ts';
import { nodeSettings } from '../../configuration/settings-of.ts';
import { parseMode } from '../../configuration/values.ts';
import { type IpAddress, type IpFamily, ipFamilies } from '../../core/model/address.ts';
import type { NodeConfig, ProxyMode } from '../../core/model/config.ts';
import { terminalQuote } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import type { Source } from '../../documents/source.ts';
import { optional, type Reading, readingOf, refuse, type Take, takeInto } from './reading.ts';
import { flagTexts } from './texts.ts';
import { readChoice, readNodeIps, readZone } from './values.ts';

/** As commander collects them: no key for a flag that was not given, `true` for a bare boolean. */
export interface GivenFlags {
  readonly filename?: readonly string[];
  readonly recursive?: true;
  readonly kubeconfig?: string;
  readonly config?: string;
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
  readonly detectLocalMode?: string;
  readonly clusterCidr?: string;
  readonly podBridgeInterface?: string;
  readonly podInterfaceNamePrefix?: string;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/** What is known of the node before its object has been looked for. */
export type NodeSettings = Omit<NodeConfig, 'nodeName' | 'fallbackNodeIps'>;

export interface CompileSettings {
  readonly paths: readonly string[];
  readonly recursive: boolean;
  /** The objects come from the cluster that this leads to, not from paths. */
  readonly kubeconfig: string | undefined;
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
  /** What has no effect, or is wrong in the file of --config: then nothing can be compiled. */
  readonly findings: readonly Finding[];
}

export type FlagsResult = { readonly settings: CompileSettings } | { readonly errors: readonly string[] };

export interface Surroundings {
  /** What the user knows the paths by; null where there need not be any. */
  readonly inputs?: string | null;
  /** The file of --config. */
  readonly config?: Source | undefined;
}

/** Reads all flags. The errors are lines for the user, each naming a flag, what was given and what is valid. */
export function readFlags(given: GivenFlags, { inputs = '--filename', config }: Surroundings = {}): FlagsResult {
  const errors: string[] = [];
  const take = takeInto(errors);
  const isLeftOut = (inputs === null || Boolean(given.kubeconfig)) && given.filename === undefined;
  const paths = take(isLeftOut ? undefined : readPaths(inputs ?? '--filename', given.filename), []);
  if (given.kubeconfig && given.filename !== undefined) {
    errors.push('--kubeconfig, --filename: got both, want objects from one of them');
  }
  const output = take(optional('--output', given.output, readOutput), 'rules');
  const { node, nodeName, findings } = readNodeSettings(given, config, { errors, take });
  // Only the restore programs of iptables want one family at a time.
  const takesBoth = output === 'json' || node.mode === 'nftables';
  const settings: CompileSettings = {
    paths,
    recursive: given.recursive ?? false,
    kubeconfig: given.kubeconfig || undefined,
    families: take(optional('--ip-family', given.ipFamily, readFamilies), takesBoth ? ipFamilies : ['IPv4']),
    familiesChosen: Boolean(given.ipFamily) || takesBoth,
    output,
    strict: given.strict ?? false,
    verbose: given.verbose ?? false,
    color: take(optional('--color', given.color, readColor), 'auto'),
    nodeName,
    nodeIps: take(optional('--node-ip', given.nodeIp, readNodeIps), []),
    zone: take<string | undefined>(optional('--zone', given.zone, readZone), undefined),
    node,
    findings,
  };
  return errors.length > 0 ? { errors } : { settings };
}

interface ReadNode {
  readonly node: NodeSettings;
  readonly nodeName: string | undefined;
  readonly findings: readonly Finding[];
}

/** What kube-proxy's flags and file say, read as `run` reads them. */
function readNodeSettings(
  given: GivenFlags,
  config: Source | undefined,
  { errors, take }: { readonly errors: string[]; readonly take: Take },
): ReadNode {
  const mode = take<ProxyMode | undefined>(readMode(given), undefined);
  const { configuration, flaws, findings } = readSettings({ texts: textsOf(given), file: config, mode });
  for (const { flag, got, want } of flaws) take(refuse(flag, String(got), want), undefined);
  for (const { diagnostic } of findings) {
    const { object, severity, problem, remedy } = diagnostic;
    if (severity === 'error' && object.kind === 'Flag') errors.push(`${object.name}: ${problem}; ${remedy}`);
  }
  const layout = take(optional('--layout', given.layout, readLayout), 'fast');
  return {
    node: nodeSettings(configuration, layout),
    nodeName: configuration.hostnameOverride || undefined,
    findings,
  };
}

/** Without --proxy-mode where --mode says more: that one has been compared with it. */
function textsOf(given: GivenFlags): FlagTexts {
  const texts = flagTexts(given);
  return given.mode ? new Map([...texts].filter(([name]) => name !== 'proxy-mode')) : texts;
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

/** `--mode` is a short name for kube-proxy's `--proxy-mode`, and goes before the file of --config. */
function readMode({ mode = '', proxyMode = '' }: GivenFlags): Reading<ProxyMode> | undefined {
  if (mode !== '' && proxyMode !== '' && mode !== proxyMode) {
    return {
      error: `--mode, --proxy-mode: got ${terminalQuote(mode)} and ${terminalQuote(proxyMode)}, want one of the two`,
    };
  }
  return mode === '' ? undefined : readingOf('--mode', parseMode(mode));
}
