/** The flags that all commands have that compile: what commander read → settings, or every usage error in it. */
import { readClaimFlags } from '../../configuration/claim-flags.ts';
import { type FlagTexts, lastText } from '../../configuration/read-flags.ts';
import { readSettings } from '../../configuration/read-settings.ts';
import { type RuleSettings, ruleSettings } from '../../configuration/settings.ts';
import { parseMode } from '../../configuration/values.ts';
import { type IpAddress, type IpFamily, ipFamilies } from '../../core/model/address.ts';
import { terminalQuote } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import type { Source } from '../../documents/source.ts';
import {
  type FlagReader,
  type FlagsRead,
  flagReader,
  oneOf,
  parseFamilies,
  parseNodeIps,
  parseZone,
  refusal,
} from './reading.ts';
import type { GivenFlags } from './table.ts';

export type ColorChoice = 'auto' | 'always' | 'never';

export interface CompileSettings {
  readonly paths: readonly string[];
  readonly recursive: boolean;
  /** Objects come from the cluster in this file, not from paths. */
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
  readonly node: RuleSettings;
  /** What has no effect, or is wrong in the file of --config: then nothing can be compiled. */
  readonly findings: readonly Finding[];
}

export interface FlagContext {
  /** What the user knows the paths by; null where paths are optional. */
  readonly inputs?: string | null;
  /** The file of --config. */
  readonly config?: Source | undefined;
}

/** Reads the flags that shape rules, name inputs and say how to report. */
export function readCompileFlags(
  given: GivenFlags,
  { inputs = '--filename', config }: FlagContext = {},
): FlagsRead<CompileSettings> {
  const reader = flagReader(given);
  const { errors, read } = reader;
  const isLeftOut = (inputs === null || Boolean(given.kubeconfig)) && given.filename === undefined;
  if (!isLeftOut) errors.push(...checkPaths(inputs ?? '--filename', given.filename));
  if (given.kubeconfig && given.filename !== undefined) {
    errors.push('--kubeconfig, --filename: got both, want objects from one of them');
  }
  const output = read('output', oneOf('rules', 'json'), 'rules');
  const { node, nodeName, findings } = readNodeFlags(given, config, reader);
  // Only the restore programs of iptables want one family at a time.
  const takesBoth = output === 'json' || node.mode === 'nftables';
  const settings: CompileSettings = {
    paths: given.filename ?? [],
    recursive: given.recursive ?? false,
    kubeconfig: given.kubeconfig || undefined,
    families: read('ip-family', parseFamilies, takesBoth ? ipFamilies : ['IPv4']),
    familiesChosen: Boolean(given.ipFamily) || takesBoth,
    output,
    strict: given.strict ?? false,
    verbose: given.verbose ?? false,
    color: read('color', oneOf('auto', 'always', 'never'), 'auto'),
    nodeName,
    nodeIps: read('node-ip', parseNodeIps, []),
    zone: read('zone', parseZone, undefined),
    node,
    findings,
  };
  return errors.length > 0 ? { errors } : { settings };
}

/** What kube-proxy's flags and file say, read as `run` reads them. */
function readNodeFlags(
  given: GivenFlags,
  config: Source | undefined,
  { errors, texts, read }: FlagReader,
): Pick<CompileSettings, 'node' | 'nodeName' | 'findings'> {
  const conflict = checkModes(given.mode, texts);
  errors.push(...conflict);
  const mode = conflict.length > 0 ? undefined : read('mode', parseMode, undefined);
  const counting = withoutOwn(texts, given.mode ? ['kubeconfig', 'proxy-mode'] : ['kubeconfig']);
  const { configuration, flaws, findings } = readSettings({ texts: counting, file: config, mode });
  errors.push(...flaws.map(({ flag, got, want }) => refusal(flag, got, want)));
  for (const { diagnostic } of findings) {
    const { object, severity, problem, remedy } = diagnostic;
    if (severity === 'error' && object.kind === 'Flag') errors.push(`${object.name}: ${problem}; ${remedy}`);
  }
  return {
    node: ruleSettings(configuration, {
      layout: read('layout', oneOf('fast', 'kube-proxy'), 'fast'),
      claims: readClaimFlags((name, parse) => read(name, parse, undefined)),
    }),
    nodeName: configuration.hostnameOverride || undefined,
    findings,
  };
}

/** Leaves out --kubeconfig, which is not kube-proxy's here, and --proxy-mode where --mode has been compared with it. */
function withoutOwn(texts: FlagTexts, names: readonly string[]): FlagTexts {
  return new Map([...texts].filter(([name]) => !names.includes(name)));
}

function checkPaths(flag: string, paths: readonly string[] = []): readonly string[] {
  if (paths.length === 0) return [`${flag}: nothing given, want -f with a file, a directory or - (stdin)`];
  const readsStdin = paths.filter((path) => path === '-').length;
  if (readsStdin > 1) return [`${flag}: got - (stdin) more than once, want it at most once`];
  return paths.includes('') ? [refusal(flag, '', 'a file, a directory or - (stdin)')] : [];
}

/** `--mode` is a short name for kube-proxy's `--proxy-mode`, and goes before the file of --config. */
function checkModes(mode = '', texts: FlagTexts): readonly string[] {
  const proxyMode = lastText(texts, 'proxy-mode') ?? '';
  if (mode === '' || proxyMode === '' || mode === proxyMode) return [];
  return [`--mode, --proxy-mode: got ${terminalQuote(mode)} and ${terminalQuote(proxyMode)}, want one of the two`];
}
