/** nftables mode: one table of ours for each family, read and written with nft. */
import type { IpFamily } from '../core/model/address.ts';
import type { ParsedRuleset } from '../core/model/parsed-ruleset.ts';
import { findDrift } from '../core/nftables/drift.ts';
import { parseRuleset } from '../core/nftables/parse.ts';
import { printTableName, setKind } from '../core/nftables/print.ts';
import type { Ruleset } from '../core/nftables/ruleset.ts';
import { addressWords, tableName } from '../core/nftables/words.ts';
import type { Rules } from '../core/rules.ts';
import { applyOutcome, shorten, timeoutFor } from './apply-outcome.ts';
import { type Kernel, KernelError } from './kernel.ts';
import type { RuleChange } from './netlink-decoder.ts';
import { explainNft } from './nft-outcome.ts';
import type { RuleEvents } from './rule-listener.ts';
import { ruleWatch } from './rule-watch.ts';
import type { RunCommand } from './run-command.ts';
import { type SuspectNames, suspectSets } from './suspect-sets.ts';

export interface NftKernelOptions {
  readonly run: RunCommand;
  /** Where the kernel tells of changes. */
  readonly events: RuleEvents;
  /** As in `1.0.6`. */
  readonly version: string;
}

/** The listing of 30,000 Services takes 7 s on two cores that have nothing else to do. */
const listTimeoutMs = 180_000;

/** A look without elements takes milliseconds. */
const pollMs = 500;

export function nftKernel(family: IpFamily, { run, events, version }: NftKernelOptions): Kernel {
  const suspects = suspectSets();
  const isOurs = (change: Pick<RuleChange, 'table' | 'family'>): boolean =>
    change.table === tableName && change.family === family;
  const { ledger, watch } = ruleWatch({
    events,
    isInOurTable: isOurs,
    isSuspicious: isOurs,
    onForeign: (commit) => suspects.add(commit?.changes.filter(isOurs)),
    pollMs: () => pollMs,
  });
  return {
    family,
    mode: 'nftables',
    tool: `nft ${version}`,
    async read(known) {
      const found = await look(run, family, known === undefined ? undefined : rulesetOf(known), suspects.names());
      const [first] = found?.problems ?? [];
      if (found === undefined || first === undefined) return found && { mode: 'nftables', ruleset: found.ruleset };
      const others = found.problems.length > 1 ? ` and ${found.problems.length - 1} more lines` : '';
      const what = `${shorten(first.problem)}${others}`;
      throw new KernelError(`table ${printTableName(family)} has what rulewright never writes: ${what}`);
    },
    async findDrift(rules, thorough) {
      const applied = rulesetOf(rules);
      const names = suspects.names();
      const found = await look(run, family, thorough ? undefined : applied, names);
      const problems = found?.problems ?? [];
      const drift = findDrift(applied, found?.ruleset);
      // What differs is looked at again by `read`, and as long as it does.
      if (drift.length === 0) suspects.clear(names);
      else if (thorough) suspects.add(undefined);
      return [...problems.map(({ problem }) => `not ours: ${shorten(problem)}`), ...drift];
    },
    async apply(text) {
      ledger.begin();
      const outcome = await run('nft', ['-f', '-'], text, { timeoutMs: timeoutFor(text) });
      const applied = applyOutcome({ command: 'nft', outcome, lockWaitMs: 0 }, explainNft);
      ledger.end(applied.kind === 'applied' ? 1 : 0);
      return applied;
    },
    watch,
  };
}

function rulesetOf(rules: Rules): Ruleset {
  if (rules.mode !== 'nftables') throw new Error(`rules of mode ${rules.mode}, not nftables`);
  return rules.ruleset;
}

/** What is found; undefined where there is no table. */
type Found = ParsedRuleset<Ruleset> | undefined;

/**
 * Looks at the table: all of it, or with `known` at chains, rules and declarations, and at the elements of those sets
 * only that somebody else may have changed. The others are as they are known to be.
 */
async function look(
  run: RunCommand,
  family: IpFamily,
  known: Ruleset | undefined,
  suspects: SuspectNames,
): Promise<Found> {
  const outline = known === undefined || suspects === 'all' ? undefined : await listOutline(run, family);
  if (outline === undefined || known === undefined || suspects === 'all') {
    return parseTable(await listTable(run, family, ['table', tableName]), family);
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

function parseTable(listing: string, family: IpFamily): Found {
  const text = ownTable(listing, family);
  return text === undefined ? undefined : parseRuleset(family, text);
}

/**
 * The table without elements. Only of a whole ruleset does nft 1.0.6 leave them in the kernel, and so takes 5 ms instead
 * of 7 s for 300,000 of them. Undefined where that fails: it may not be able to read the table of somebody else.
 */
async function listOutline(run: RunCommand, family: IpFamily): Promise<string | undefined> {
  const outcome = await run('nft', ['-t', 'list', 'ruleset', addressWords[family]]);
  return outcome.kind === 'exited' && outcome.exitCode === 0 ? outcome.stdout : undefined;
}

/** A part of our table with its elements; empty when it is not there. */
async function listTable(run: RunCommand, family: IpFamily, [kind = '', ...names]: readonly string[]): Promise<string> {
  const args = ['list', kind, addressWords[family], ...names];
  const outcome = await run('nft', args, '', { timeoutMs: listTimeoutMs });
  const command = `nft ${args.join(' ')}`;
  if (outcome.kind === 'missing') throw new KernelError('there is no nft in PATH');
  if (outcome.kind === 'killed') throw new KernelError(`${command} was stopped (${outcome.why})`);
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
