/** iptables mode: our chains and jumps among those of others, by iptables-save and iptables-restore. */

import { isOurChain, mayJumpToOurs, type Ownership } from '../../core/iptables/chain-owners.ts';
import { findDrift } from '../../core/iptables/diff/drift.ts';
import { readOurs, readSome, type SavedChains, splitSaved } from '../../core/iptables/listing/saved.ts';
import { isTableName } from '../../core/iptables/options.ts';
import type { IptablesRuleset, TableName } from '../../core/iptables/ruleset.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { ParsedRuleset } from '../../core/model/parsed-ruleset.ts';
import type { Rules } from '../../core/rules.ts';
import { applyOutcome, shorten, timeoutFor } from '../apply-outcome.ts';
import { type Kernel, KernelError } from '../kernel.ts';
import type { NetlinkChange } from '../netlink/decoder.ts';
import type { RuleEvents } from '../netlink/listener.ts';
import { ruleWatch } from '../netlink/rule-watch.ts';
import { createSuspects, type SuspectNames } from '../netlink/suspects.ts';
import { type CommandOutcome, describeAbsence, type RunCommand } from '../run-command.ts';
import { hidesTables, readChainByChain, saveTimeoutMs } from './chain-by-chain.ts';
import { listChains } from './listing.ts';
import { usualLockFile, waitForLock } from './lock.ts';
import { explainIptables } from './outcome.ts';
import { type IptablesTools, toolName } from './tools.ts';

export interface IptablesKernelOptions extends Ownership {
  readonly run: RunCommand;
  readonly tools: IptablesTools;
  /** Where the kernel tells of changes; it does not of those to legacy tables. */
  readonly events: RuleEvents;
  /** Told once of each set of chains with rules that no iptables tool can show, in nft's words; they stay. */
  readonly onUnreadable?: (chains: readonly string[]) => void;
  /** That of the legacy variant; the other one has none. */
  readonly lockFile?: string;
}

/** As long as kube-proxy waits; the loop tries again. */
const longestLockWaitSeconds = 5;

/** A look takes at most a twentieth of a core, but one comes every 3.5 s, so that repairs come within five. */
const looksShare = 20;
const shortestPollMs = 500;
const longestPollMs = 3500;

export function iptablesKernel(family: IpFamily, options: IptablesKernelOptions): Kernel {
  const { run, tools, events, onUnreadable, ...others } = options;
  const { lockFile = process.env['XTABLES_LOCKFILE'] ?? usualLockFile, ...ownership } = others;
  const [restore, save] = [toolName(tools, family, 'restore'), toolName(tools, family, 'save')];
  const suspects = createSuspects(({ object, table, name }) => (object === 'table' ? 'all' : `${table} ${name}`));
  let lookMs = 0;
  const isInOurTable = (change: NetlinkChange): boolean =>
    change.family === family && (change.table === 'nat' || change.table === 'filter');
  const isSuspicious = (change: NetlinkChange): boolean => isInOurTable(change) && concernsUs(change, ownership);
  const { ledger, watch } = ruleWatch({
    events: tools.variant === 'nft' ? events : undefined,
    isInOurTable,
    isSuspicious,
    onForeign: suspects.add,
    onMissed: suspects.addAll,
    pollMs: () => Math.min(longestPollMs, Math.max(shortestPollMs, lookMs * looksShare)),
  });
  let told = '';
  const saveAll = async (limitMs: number = saveTimeoutMs): Promise<SavedChains> => {
    const outcome = await run(save, [], { timeoutMs: limitMs });
    if (!hidesTables(outcome)) return splitSaved(outputOf(save, outcome));
    const isWanted = (table: TableName, chain: string): boolean => isOurChain(table, chain, ownership);
    const { text, unreadable } = await readChainByChain({ run, tools, family, isWanted, timeoutMs: limitMs });
    if (unreadable.join('\n') !== told && unreadable.length > 0) onUnreadable?.(unreadable);
    told = unreadable.join('\n');
    return splitSaved(text);
  };
  const readAll = async (known?: IptablesRuleset, limitMs?: number): Promise<ParsedRuleset<IptablesRuleset>> =>
    readOurs(family, await saveAll(limitMs), { ...ownership, known });
  const look = async (known: IptablesRuleset, names: SuspectNames): Promise<ParsedRuleset<IptablesRuleset>> => {
    if (names === 'all') return readAll(known);
    const saved = await listChains(run, toolName(tools, family), names);
    return saved === undefined ? readAll(known) : readSome(saved, names, { ...ownership, known });
  };
  const rulesIn = ({ ruleset, problems: [first] }: ParsedRuleset<IptablesRuleset>): Rules | undefined => {
    if (first !== undefined) {
      throw new KernelError(
        `${save} has a line that rulewright cannot read: ${JSON.stringify(first.text)} (${first.problem})`,
      );
    }
    return ruleset.tables.length === 0 ? undefined : { mode: 'iptables', ruleset };
  };
  return {
    family,
    mode: 'iptables',
    tool: `${restore} ${tools.version} (${tools.variant})`,
    read: async (limitMs) => rulesIn(await readAll(undefined, limitMs)),
    async findDrift(rules, thorough) {
      const startedAt = performance.now();
      const applied = rulesetOf(rules);
      const found = await suspects.lookAt((names) => look(applied, thorough ? 'all' : names));
      lookMs = performance.now() - startedAt;
      const lost = [
        ...found.problems.map(({ text }) => `unexpected rule: ${JSON.stringify(text)}`),
        ...findDrift(applied, found.ruleset),
      ];
      return { lost, standing: () => rulesIn(found) };
    },
    async apply({ text }) {
      const isLocked = tools.variant === 'legacy';
      const { isFree, waitedMs } = isLocked
        ? await waitForLock(run, lockFile, longestLockWaitSeconds)
        : { isFree: true, waitedMs: 0 };
      if (!isFree) {
        const detail = `another process holds ${lockFile}`;
        return { kind: 'failed', reason: 'lock', detail, lockWaitMs: waitedMs };
      }
      ledger.begin();
      const args = ['--noflush', '-w', String(longestLockWaitSeconds)];
      const outcome = await run(restore, args, { input: text, timeoutMs: timeoutFor(text) });
      const described = { command: restore, outcome, lockWaitMs: waitedMs };
      const applied = applyOutcome(described, (stderr) => explainIptables(stderr, text));
      ledger.end(applied.kind === 'applied' ? countCommits(text) : 0);
      return applied;
    },
    watch,
  };
}

function rulesetOf(rules: Rules): IptablesRuleset {
  if (rules.mode !== 'iptables') throw new Error(`rules of mode ${rules.mode}, not iptables`);
  return rules.ruleset;
}

/** Whether a change may concern us. Foreign rules in built-in chains come and go with every pod. */
function concernsUs({ verb, object, table, name = '' }: NetlinkChange, ownership: Ownership): boolean {
  if (!isTableName(table)) return false;
  if (object === 'table') return verb === 'delete';
  if (isOurChain(table, name, ownership)) return true;
  return verb === 'delete' && mayJumpToOurs(table, name);
}

/** The nft variant makes one transaction of each. */
function countCommits(text: string): number {
  return text.match(/^COMMIT$/gm)?.length ?? 0;
}

function outputOf(save: string, outcome: CommandOutcome): string {
  if (outcome.kind !== 'exited') throw new KernelError(describeAbsence(save, outcome));
  if (outcome.exitCode !== 0) throw new KernelError(`${save}: ${shorten(outcome.stderr)}`);
  return outcome.stdout;
}
