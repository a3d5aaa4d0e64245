/** nftables mode: one table of ours for each family, read and written with nft. */
import type { IpFamily } from '../core/model/address.ts';
import { findDrift } from '../core/nftables/drift.ts';
import { parseRuleset } from '../core/nftables/parse.ts';
import { printTableName } from '../core/nftables/print.ts';
import { tableName } from '../core/nftables/words.ts';
import { applyOutcome, shorten, timeoutFor } from './apply-outcome.ts';
import { type Kernel, KernelError } from './kernel.ts';
import type { RuleCommit } from './netlink-decoder.ts';
import { explainNft } from './nft-outcome.ts';
import type { RuleEvents } from './rule-listener.ts';
import { ruleWatch } from './rule-watch.ts';
import type { CommandOutcome, RunCommand } from './run-command.ts';

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
  const isOurs = (change: { readonly table: string; readonly family: IpFamily | undefined }): boolean =>
    change.table === tableName && change.family === family;
  /** Whether somebody else may have changed elements, so that a look without them does not do. */
  let areElementsSuspect = false;
  const { ledger, watch } = ruleWatch({
    events,
    isInOurTable: isOurs,
    isSuspicious: isOurs,
    onForeign: (commit) => {
      areElementsSuspect ||= commit === undefined || changesElements(commit);
    },
    pollMs: () => pollMs,
  });
  return {
    family,
    mode: 'nftables',
    tool: `nft ${version}`,
    async read() {
      const text = ownTable(await list(run, family, 'full'), family);
      if (text === undefined) return undefined;
      const { ruleset, problems } = parseRuleset(family, text);
      const [first] = problems;
      if (first === undefined) return { mode: 'nftables', ruleset };
      const others = problems.length > 1 ? ` and ${problems.length - 1} more lines` : '';
      const what = `${shorten(first.problem)}${others}`;
      throw new KernelError(`table ${printTableName(family)} has what rulewright never writes: ${what}`);
    },
    async findDrift(applied, thorough) {
      if (applied.mode !== 'nftables') throw new Error(`rules of mode ${applied.mode}, not nftables`);
      const elements = thorough || areElementsSuspect;
      areElementsSuspect = false;
      const listing = await list(run, family, elements ? 'full' : 'terse').catch((error: unknown) => {
        areElementsSuspect ||= elements;
        throw error;
      });
      const text = ownTable(listing, family);
      if (text === undefined) return findDrift(applied.ruleset, undefined, { elements });
      const { ruleset, problems } = parseRuleset(family, text);
      return [
        ...problems.map(({ problem }) => `not ours: ${shorten(problem)}`),
        ...findDrift(applied.ruleset, ruleset, { elements }),
      ];
    },
    async apply({ text }) {
      ledger.begin();
      const outcome = await run('nft', ['-f', '-'], text, { timeoutMs: timeoutFor(text) });
      const applied = applyOutcome({ command: 'nft', outcome, lockWaitMs: 0 }, explainNft);
      ledger.end(applied.kind === 'applied' ? 1 : 0);
      return applied;
    },
    watch,
  };
}

function changesElements({ changes }: RuleCommit): boolean {
  return changes.some(({ object }) => object === 'elements' || object === 'set');
}

/**
 * What nft lists. Only of a whole ruleset does nft 1.0.6 leave the elements in the kernel, and so takes 5 ms instead of
 * 7 s for 300,000 of them; where it cannot read the table of somebody else, ours is listed alone.
 */
async function list(run: RunCommand, family: IpFamily, extent: 'full' | 'terse'): Promise<string> {
  const table = printTableName(family).split(' ');
  if (extent === 'terse') {
    const outcome = await run('nft', ['-t', 'list', 'ruleset', ...table.slice(0, 1)]);
    if (outcome.kind === 'exited' && outcome.exitCode === 0) return outcome.stdout;
  }
  const outcome = await run('nft', ['list', 'table', ...table], '', { timeoutMs: listTimeoutMs });
  if (outcome.kind !== 'exited') throw new KernelError(`nft list table ${table.join(' ')}: ${ending(outcome)}`);
  if (outcome.exitCode === 0) return outcome.stdout;
  if (/No such file or directory/.test(outcome.stderr)) return '';
  throw new KernelError(`nft list table ${table.join(' ')}: ${shorten(outcome.stderr)}`);
}

function ending(outcome: Exclude<CommandOutcome, { readonly kind: 'exited' }>): string {
  return outcome.kind === 'missing' ? 'there is no nft in PATH' : `nft was stopped (${outcome.why})`;
}

/** Our table out of a listing that may have others. */
function ownTable(listing: string, family: IpFamily): string | undefined {
  const head = `table ${printTableName(family)} {\n`;
  const start = listing.startsWith(head) ? 0 : listing.indexOf(`\n${head}`);
  if (start === -1) return undefined;
  const end = listing.indexOf('\n}', start);
  return listing.slice(start, end === -1 ? undefined : end + 2);
}
