/** Our table as nft lists it, and no more of it than has to be looked at. */
import type { IpFamily } from '../../core/model/address.ts';
import type { ParsedRuleset } from '../../core/model/parsed-ruleset.ts';
import { parseRuleset } from '../../core/nftables/listing/narrow.ts';
import { printTableName, setKind } from '../../core/nftables/print/print.ts';
import type { NftablesRuleset } from '../../core/nftables/ruleset.ts';
import { addressWords, tableName } from '../../core/nftables/words.ts';
import { shorten } from '../apply-outcome.ts';
import { KernelError } from '../kernel.ts';
import type { SuspectNames } from '../netlink/suspects.ts';
import { describeAbsence, type RunCommand } from '../run-command.ts';

/** What is found; undefined where there is no table. */
export type ListedTable = ParsedRuleset<NftablesRuleset> | undefined;

interface LookOptions {
  /** What is believed to stand. */
  readonly known: NftablesRuleset | undefined;
  readonly suspects: SuspectNames;
  /** For the whole table. */
  readonly limitMs?: number | undefined;
}

/** The listing of 30,000 Services takes 7 s on two cores that have nothing else to do. */
const listTimeoutMs = 180_000;

/**
 * Looks at the table: all of it, or with `known` at chains, rules and declarations, and at the elements of those sets
 * only that another program may have changed. The others are as they are known to be.
 */
export async function lookAtTable(
  run: RunCommand,
  family: IpFamily,
  { known, suspects, limitMs }: LookOptions,
): Promise<ListedTable> {
  const outline = known === undefined || suspects === 'all' ? undefined : await listOutline(run, family);
  if (outline === undefined || known === undefined || suspects === 'all') {
    return parseTable(await listTable(run, family, ['table', tableName], limitMs), family);
  }
  const found = parseTable(outline, family);
  if (found === undefined) return undefined;
  const { ruleset, problems } = found;
  const byName = new Map(known.sets.map((set) => [set.name, set]));
  const read = ruleset.sets.filter((set) => suspects.has(set.name) || !byName.has(set.name));
  const listed = await Promise.all(
    read.map(async (set) => parseTable(await listTable(run, family, [setKind(set), tableName, set.name]), family)),
  );
  const parsed = listed.flatMap((each) => each?.ruleset.sets ?? []);
  const inFull = new Map([...byName, ...parsed.map((set) => [set.name, set] as const)]);
  const sets = ruleset.sets.map((set) => ({ ...set, groups: inFull.get(set.name)?.groups ?? [] }));
  const others = listed.flatMap((each) => each?.problems ?? []);
  return { ruleset: { ...ruleset, sets }, problems: [...problems, ...others] };
}

function parseTable(listing: string, family: IpFamily): ListedTable {
  const text = ownTable(listing, family);
  return text === undefined ? undefined : parseRuleset(family, text);
}

/**
 * The table without elements. Only of a whole ruleset does nft 1.0.6 leave them in the kernel, and so takes 5 ms
 * instead of 7 s for 300,000 of them. Undefined where that fails: perhaps it cannot read a foreign table.
 */
async function listOutline(run: RunCommand, family: IpFamily): Promise<string | undefined> {
  const outcome = await run('nft', ['-t', 'list', 'ruleset', addressWords[family]]);
  return outcome.kind === 'exited' && outcome.exitCode === 0 ? outcome.stdout : undefined;
}

/** A part of our table with its elements; empty when it is not there. */
async function listTable(
  run: RunCommand,
  family: IpFamily,
  [kind = '', ...names]: readonly string[],
  limitMs: number = listTimeoutMs,
): Promise<string> {
  const args = ['list', kind, addressWords[family], ...names];
  const outcome = await run('nft', args, { timeoutMs: limitMs });
  const command = `nft ${args.join(' ')}`;
  if (outcome.kind !== 'exited')
    throw new KernelError(describeAbsence(outcome.kind === 'missing' ? 'nft' : command, outcome));
  if (outcome.exitCode === 0) return outcome.stdout;
  if (/No such file or directory/.test(outcome.stderr)) return '';
  throw new KernelError(`${command}: ${shorten(outcome.stderr)}`);
}

/** Our table out of a listing that may have others. */
function ownTable(listing: string, family: IpFamily): string | undefined {
  const head = `table ${printTableName(family)} {\n`;
  const start = listing.startsWith(head) ? 0 : listing.indexOf(`\n${head}`);
  if (start === -1) return undefined;
  const end = listing.indexOf('\n}', start);
  return listing.slice(start, end === -1 ? undefined : end + 2);
}
