/** The flags of `plan`, those of `compile` among them. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Parsed, splitList, unfit } from '../../configuration/parsed.ts';
import { riskSeverities } from '../../core/forecast/changes.ts';
import type { ProxyMode } from '../../core/model/config.ts';
import type { Source } from '../../documents/source.ts';
import { type FlagsRead, flagReader, oneOf, parseUrl, wantedUrl } from '../flags/reading.ts';
import { type CompileSettings, readCompileFlags } from '../flags/settings.ts';
import type { GivenFlags } from '../flags/table.ts';

/** Where the objects before the change come from: a path (`-` for standard input), or a daemon's debug address. */
export type OldInput =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'daemon'; readonly url: string }
  /** The path of a kubeconfig. */
  | { readonly kind: 'cluster'; readonly kubeconfig: string };

export interface ForecastSettings {
  readonly old: OldInput;
  /** A path, or `-`. */
  readonly wanted: string;
  readonly overlay: boolean;
  readonly allNodes: boolean;
  readonly output: 'text' | 'markdown' | 'json';
  /** Codes and severities of risks; `change` for anything. */
  readonly failOn: readonly string[];
  /** In the mode that was asked for, which decides what happens to packets. */
  readonly compile: CompileSettings;
  /** The same node in the other mode, to tell how many rules change there. */
  readonly otherMode: CompileSettings;
}

/** Reads all flags, and the file of --config beside them. */
export function readForecastFlags(
  inputs: readonly string[],
  given: GivenFlags,
  config?: Source,
): FlagsRead<ForecastSettings> {
  const { errors, read } = flagReader(given);
  const kubeconfig = given.live === true ? given.kubeconfig || usualKubeconfig() : given.kubeconfig || undefined;
  const isLive = given.from !== undefined || kubeconfig !== undefined;
  if (given.from !== undefined && kubeconfig !== undefined) {
    errors.push('--from, --live, --kubeconfig: got two, want OLD from one of them');
  }
  if (inputs.length !== (isLive ? 1 : 2)) {
    const wanted = isLive ? 'one, NEW, beside --from, --live or --kubeconfig' : 'two, OLD and NEW';
    return { errors: [...errors, `inputs: got ${inputs.length}, want ${wanted}`] };
  }
  const output = read('output', oneOf('text', 'markdown', 'json'), 'text');
  const failOn = read('fail-on', parseFailOn, []);
  const url = read('from', parseUrl, undefined);
  // Not shown: logs of CI are read by many.
  if (url?.username || url?.password) errors.push(`--from: got a user or password, want ${wantedUrl}`);
  if (given.allNodes) errors.push(...conflictsOfAllNodes(given));
  const { output: _, kubeconfig: __, ...shared } = given;
  const flags = { ...shared, filename: inputs, ipFamily: given.ipFamily || 'both' };
  const compile = readCompileFlags(flags, { inputs: isLive ? 'NEW' : 'OLD, NEW', config });
  if ('errors' in compile) return { errors: [...errors, ...compile.errors] };
  const otherFlags = { ...flags, mode: otherThan(compile.settings.node.mode), proxyMode: '' };
  const otherMode = readCompileFlags(otherFlags, { config });
  if ('errors' in otherMode) return otherMode;
  if (errors.length > 0) return { errors };
  const [first = '', second = first] = inputs;
  return {
    settings: {
      old: oldOf(first, url?.origin, kubeconfig),
      wanted: second,
      overlay: given.overlay ?? false,
      allNodes: given.allNodes ?? false,
      output,
      failOn,
      compile: compile.settings,
      otherMode: otherMode.settings,
    },
  };
}

function oldOf(path: string, url: string | undefined, kubeconfig: string | undefined): OldInput {
  if (url !== undefined) return { kind: 'daemon', url };
  return kubeconfig === undefined ? { kind: 'path', path } : { kind: 'cluster', kubeconfig };
}

/** Where kubectl looks. */
function usualKubeconfig(): string {
  return process.env['KUBECONFIG'] || join(homedir(), '.kube', 'config');
}

function conflictsOfAllNodes({ hostnameOverride, nodeIp, zone }: GivenFlags): readonly string[] {
  return Object.entries({ '--hostname-override': hostnameOverride, '--node-ip': nodeIp, '--zone': zone })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => `${flag}: it describes one node, want it without --all-nodes`);
}

function otherThan(mode: ProxyMode): ProxyMode {
  return mode === 'iptables' ? 'nftables' : 'iptables';
}

const severities: readonly string[] = ['high', 'medium', 'low'];

function parseFailOn(text: string): Parsed<readonly string[]> {
  const words = splitList(text);
  const unknown = words.find(
    (word) => word !== 'change' && !severities.includes(word) && !Object.hasOwn(riskSeverities, word),
  );
  if (unknown === undefined) return { value: words };
  return unfit(unknown, `change, high, medium, low, or a code: ${Object.keys(riskSeverities).join(', ')}`);
}
