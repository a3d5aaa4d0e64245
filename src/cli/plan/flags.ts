/** The flags of `plan`: those of `compile`, and its own. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { riskSeverities } from '../../core/forecast/changes.ts';
import type { ProxyMode } from '../../core/model/config.ts';
import type { Source } from '../../documents/source.ts';
import { optional, type Reading, refuse, takeInto } from '../flags/reading.ts';
import { type CompileSettings, type GivenFlags, readFlags } from '../flags/settings.ts';
import { readChoice } from '../flags/values.ts';

/** As commander collects them. */
export interface GivenPlanFlags extends GivenFlags {
  readonly from?: string;
  readonly live?: true;
  readonly overlay?: true;
  readonly allNodes?: true;
  readonly failOn?: readonly string[];
}

/** Where the objects before the change come from: a path (`-` for standard input), or a daemon's debug address. */
export type Old =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'daemon'; readonly url: string }
  /** The path of a kubeconfig. */
  | { readonly kind: 'cluster'; readonly kubeconfig: string };

export type PlanOutput = 'text' | 'markdown' | 'json';

export interface PlanSettings {
  readonly old: Old;
  /** A path, or `-`. */
  readonly wanted: string;
  readonly overlay: boolean;
  readonly allNodes: boolean;
  readonly output: PlanOutput;
  /** Codes and severities of risks; `change` for anything. */
  readonly failOn: readonly string[];
  /** In the mode that was asked for, which decides what becomes of packets. */
  readonly compile: CompileSettings;
  /** The same node in the other mode, to tell how many rules change there. */
  readonly otherMode: CompileSettings;
}

export type PlanFlagsResult = { readonly settings: PlanSettings } | { readonly errors: readonly string[] };

/**
 * Reads all flags, and the file of --config beside them. The errors are lines for the user, each naming a flag, what
 * was given and what is valid.
 */
export function readPlanFlags(inputs: readonly string[], given: GivenPlanFlags, config?: Source): PlanFlagsResult {
  const errors: string[] = [];
  const take = takeInto(errors);
  const kubeconfig = given.live === true ? given.kubeconfig || usualKubeconfig() : given.kubeconfig || undefined;
  const isLive = given.from !== undefined || kubeconfig !== undefined;
  if (given.from !== undefined && kubeconfig !== undefined) {
    errors.push('--from, --live, --kubeconfig: got two, want OLD from one of them');
  }
  const wantedInputs = isLive ? 1 : 2;
  if (inputs.length !== wantedInputs) {
    const wanted = isLive ? 'one, NEW, beside --from, --live or --kubeconfig' : 'two, OLD and NEW';
    errors.push(`inputs: got ${inputs.length}, want ${wanted}`);
    return { errors };
  }
  const output = take<PlanOutput>(optional('--output', given.output, readOutput), 'text');
  const failOn = take(optional('--fail-on', given.failOn, readFailOn), []);
  const url = take<string | undefined>(optional('--from', given.from, readUrl), undefined);
  if (given.allNodes) for (const flag of nodeFlags) refuseBeside(flag, given, errors);
  const { output: _, kubeconfig: __, ...shared } = given;
  const flags = { ...shared, filename: inputs, ipFamily: given.ipFamily || 'both' };
  const compile = readFlags(flags, { inputs: isLive ? 'NEW' : 'OLD, NEW', config });
  if ('errors' in compile) return { errors: [...errors, ...compile.errors] };
  const otherMode = readFlags({ ...flags, mode: otherThan(compile.settings.node.mode), proxyMode: '' }, { config });
  if ('errors' in otherMode) return { errors: otherMode.errors };
  if (errors.length > 0) return { errors };
  const [first = '', second = first] = inputs;
  return {
    settings: {
      old: oldOf(first, url, kubeconfig),
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

function oldOf(path: string, url: string | undefined, kubeconfig: string | undefined): Old {
  if (url !== undefined) return { kind: 'daemon', url };
  return kubeconfig === undefined ? { kind: 'path', path } : { kind: 'cluster', kubeconfig };
}

/** Where kubectl looks. */
function usualKubeconfig(): string {
  return process.env['KUBECONFIG'] || join(homedir(), '.kube', 'config');
}

const nodeFlags = [
  ['--hostname-override', 'hostnameOverride'],
  ['--node-ip', 'nodeIp'],
  ['--zone', 'zone'],
] as const;

function refuseBeside([flag, key]: (typeof nodeFlags)[number], given: GivenPlanFlags, errors: string[]): void {
  if (given[key] !== undefined) errors.push(`${flag}: it describes one node, want it without --all-nodes`);
}

function otherThan(mode: ProxyMode): ProxyMode {
  return mode === 'iptables' ? 'nftables' : 'iptables';
}

const readOutput = (flag: string, given: string) => readChoice(flag, given, ['text', 'markdown', 'json'] as const);

const severities: readonly string[] = ['high', 'medium', 'low'];

function readFailOn(flag: string, given: readonly string[]): Reading<readonly string[]> {
  const words = given
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const unknown = words.find(
    (word) => word !== 'change' && !severities.includes(word) && !Object.hasOwn(riskSeverities, word),
  );
  if (unknown === undefined) return { value: words };
  return refuse(flag, unknown, `change, high, medium, low, or a code: ${Object.keys(riskSeverities).join(', ')}`);
}

function readUrl(flag: string, given: string): Reading<string> {
  const wanted = 'the debug address of rulewright such as http://127.0.0.1:10249';
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return refuse(flag, given, wanted);
  // Not shown: logs of CI are read by many.
  if (url.username !== '' || url.password !== '') return { error: `${flag}: got a user or password, want ${wanted}` };
  return { value: url.origin };
}
