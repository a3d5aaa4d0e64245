/** A few chains of the nft variant, where reading all of them takes a second or more. */
import { type SavedChains, splitSaved } from '../../core/iptables/listing/saved.ts';
import type { RunCommand } from '../run-command.ts';

/**
 * What `iptables -S` says of a chain that is not there; nothing where not even the table is. Of some that are there,
 * 1.8.9 says what it says of those too: `chain … is incompatible`.
 */
const noChain = /^$|No chain\/target\/match by that name/;

/** Of more chains it is cheaper to list all: each takes a process, of 2 to 9 ms. */
const mostChains = 16;

/**
 * The chains of these names (`nat KUBE-SERVICES`), as iptables-save would show them; one that is not there is absent.
 * Undefined where that does not do, and all have to be read: who reads them learns why.
 */
export async function listChains(
  run: RunCommand,
  iptables: string,
  names: ReadonlySet<string>,
): Promise<SavedChains | undefined> {
  if (names.size === 0 || names.size > mostChains) return undefined;
  const listed = await Promise.all([...names].map((name) => listChain(run, iptables, name)));
  return listed.includes(undefined) ? undefined : splitSaved(listed.join(''));
}

/** Undefined when it is not even known whether there is such a chain. */
async function listChain(run: RunCommand, iptables: string, name: string): Promise<string | undefined> {
  const [table = '', chain = ''] = name.split(' ');
  const outcome = await run(iptables, ['-t', table, '-S', chain]);
  if (outcome.kind !== 'exited') return undefined;
  const { exitCode, stdout, stderr } = outcome;
  if (exitCode === 1 && noChain.test(stderr)) return `*${table}\n`;
  if (exitCode !== 0) return undefined;
  const rules = stdout.split('\n').filter((line) => line.startsWith('-A '));
  return [`*${table}`, `:${chain} - [0:0]`, ...rules, ''].join('\n');
}
