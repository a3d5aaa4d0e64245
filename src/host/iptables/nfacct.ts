/** The kernel's nfacct objects: counters that iptables rules name, made and read by the program `nfacct`. */
import { nfacctObjects } from '../../core/iptables/names.ts';
import { shorten } from '../apply-outcome.ts';
import { type CommandOutcome, describeAbsence, isSuccess, type RunCommand } from '../run-command.ts';
import { type IptablesTools, toolName } from './tools.ts';

export type NfacctProbe =
  | { readonly kind: 'able' }
  /** `why` is a sentence for the log. */
  | { readonly kind: 'unable'; readonly why: string };

/** Packets by the name of the object. */
export type NfacctCounts = ReadonlyMap<string, number>;

/** Asking for numbers holds up nothing but the page that shows them. */
const timeoutMs = 2000;

/**
 * Makes the objects that are missing, and tries whether iptables and the kernel take a rule that names one. Rules may
 * name the objects only afterwards; rules that stand keep them in being.
 */
export async function prepareNfacct(
  run: RunCommand,
  tools: Pick<IptablesTools, 'variant' | 'isNamed'>,
): Promise<NfacctProbe> {
  const standing = await readNfacct(run);
  if (!(standing instanceof Map)) return { kind: 'unable', why: String(standing) };
  for (const name of Object.values(nfacctObjects)) {
    if (standing.has(name)) continue;
    const made = await run('nfacct', ['add', name], { timeoutMs });
    if (!isSuccess(made)) return { kind: 'unable', why: `nfacct add ${name}: ${problemOf('nfacct', made)}` };
  }
  const restore = toolName(tools, 'IPv4', 'restore');
  // This asks the kernel for the match (compatible_revision in iptables' xtables.c) and leaves no trace in it.
  const tried = await run(restore, ['--test', '--noflush', '-w', '5'], { input: exampleRules });
  return isSuccess(tried) ? { kind: 'able' } : { kind: 'unable', why: `${restore}: ${problemOf(restore, tried)}` };
}

/** All objects of this network namespace, or why they cannot be read. */
export async function readNfacct(run: RunCommand): Promise<NfacctCounts | string> {
  const outcome = await run('nfacct', ['list'], { timeoutMs });
  if (outcome.kind !== 'exited' || outcome.exitCode !== 0) return problemOf('nfacct', outcome);
  // `{ pkts = 00000000000000000003, bytes = 00000000000000000180 } = name;`
  const lines = outcome.stdout.matchAll(/^\{ pkts = (\d+), bytes = \d+ \} = (\S+);$/gm);
  return new Map(Array.from(lines, ([, packets, name = '']) => [name, Number(packets)]));
}

function problemOf(command: string, outcome: CommandOutcome): string {
  return outcome.kind === 'exited' ? shorten(outcome.stderr) : describeAbsence(command, outcome);
}

const exampleRules = `*filter
:KUBE-PROBE - [0:0]
-A KUBE-PROBE -m nfacct --nfacct-name ${nfacctObjects.invalidDropped}
COMMIT
`;
