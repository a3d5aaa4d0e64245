/** The command line of scripts/quickstart. */
import { parseArgs } from 'node:util';
import type { Mode } from './description/traffic.ts';

export interface Options {
  readonly mode: Mode;
  readonly iptables: 'nft' | 'legacy';
  readonly layout: 'fast' | 'kube-proxy';
  readonly keep: boolean;
  readonly json: boolean;
}

/** What was asked for; without a mode, it is to be nftables where that is possible. */
export type Wishes = Omit<Options, 'mode'> & { readonly mode: Mode | undefined };

export type Command =
  | { readonly kind: 'run'; readonly wishes: Wishes }
  /** `run` as it was printed by the run that kept something, or `all`. */
  | { readonly kind: 'removeKept'; readonly run: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string };

export const help = `Usage: scripts/quickstart [options]

Compiles the demo shop of examples/shop and lets \`rulewright run\` keep its rules in a throw-away
network, makes thousands of real connections, takes a pod away, and compares what happened with
examples/shop-traffic.yaml. Needs root for the network; without it, only compiles. Touches
nothing outside its own network namespaces, and removes those at the end.

  --mode nftables|iptables   the kind of rules (default: nftables if nft and the kernel
                             support it)
  --iptables nft|legacy      which iptables loads them in iptables mode (default: nft)
  --layout fast|kube-proxy   the shape of the rules in iptables mode (default: fast)
  --keep                     keep the network and the daemon running, and print how to inspect
                             and how to remove them
  --remove ID|all            remove what a run with --keep left, or all such runs, and stop
  -o, --output text|json     output format (default: text)
  -h, --help                 this text

Exit status: 0 all expectations held, 1 not all held or something failed, 2 usage,
130 or 143 interrupted.`;

export function parseCommand(argv: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      options: {
        mode: { type: 'string' },
        iptables: { type: 'string' },
        layout: { type: 'string' },
        keep: { type: 'boolean', default: false },
        remove: { type: 'string' },
        output: { type: 'string', short: 'o', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.remove !== undefined) return removal(values.remove);
    const wishes: Wishes = {
      mode: modeOf(values),
      iptables: oneOf('--iptables', values.iptables ?? 'nft', ['nft', 'legacy']),
      layout: oneOf('--layout', values.layout ?? 'fast', ['fast', 'kube-proxy']),
      keep: values.keep,
      json: oneOf('--output', values.output, ['text', 'json']) === 'json',
    };
    return { kind: 'run', wishes };
  } catch (error) {
    return { kind: 'wrong', why: error instanceof Error ? error.message : String(error) };
  }
}

interface ModeFlags {
  readonly mode?: string | undefined;
  readonly iptables?: string | undefined;
  readonly layout?: string | undefined;
}

/** A flag about iptables rules asks for iptables mode. */
function modeOf({ mode, iptables, layout }: ModeFlags): Mode | undefined {
  const flag = iptables !== undefined ? '--iptables' : layout !== undefined ? '--layout' : undefined;
  if (mode === undefined) return flag === undefined ? undefined : 'iptables';
  const wanted = oneOf('--mode', mode, ['nftables', 'iptables']);
  if (wanted === 'nftables' && flag !== undefined) throw new Error(`${flag} is for iptables mode`);
  return wanted;
}

function removal(run: string): Command {
  if (run !== 'all' && !/^\d+$/.test(run)) throw new Error(`--remove takes the number of a run or 'all', not '${run}'`);
  return { kind: 'removeKept', run };
}

function oneOf<const T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new Error(`${option} is one of ${choices.join(', ')}, not '${value}'`);
  return choice;
}
