/** nftables mode: one table of ours for each family, read and written with nft. */
import type { IpFamily } from '../../core/model/address.ts';
import { findDrift } from '../../core/nftables/diff/drift.ts';
import { printTableName } from '../../core/nftables/print/print.ts';
import type { NftablesRuleset } from '../../core/nftables/ruleset.ts';
import { tableName } from '../../core/nftables/words.ts';
import type { Rules } from '../../core/rules.ts';
import { applyOutcome, shorten, timeoutFor } from '../apply-outcome.ts';
import { type Kernel, KernelError } from '../kernel.ts';
import type { NetlinkChange } from '../netlink/decoder.ts';
import type { RuleEvents } from '../netlink/listener.ts';
import { ruleWatch } from '../netlink/rule-watch.ts';
import { createSuspects } from '../netlink/suspects.ts';
import type { RunCommand } from '../run-command.ts';
import { type ListedTable, lookAtTable } from './listing.ts';
import { explainNft } from './outcome.ts';

export interface NftKernelOptions {
  readonly run: RunCommand;
  /** Where the kernel tells of changes. */
  readonly events: RuleEvents;
  /** As in `1.0.6`. */
  readonly version: string;
}

/** A look without elements takes milliseconds. */
const pollMs = 500;

export function nftKernel(family: IpFamily, { run, events, version }: NftKernelOptions): Kernel {
  const suspects = createSuspects(({ object, name }) => (object === 'elements' || object === 'set' ? name : undefined));
  const isOurs = (change: Pick<NetlinkChange, 'table' | 'family'>): boolean =>
    change.table === tableName && change.family === family;
  const { ledger, watch } = ruleWatch({
    events,
    isInOurTable: isOurs,
    isSuspicious: isOurs,
    onForeign: suspects.add,
    onMissed: (when) => {
      if (when === 'gap') suspects.addAll();
    },
    pollMs: () => pollMs,
  });
  return {
    family,
    mode: 'nftables',
    tool: `nft ${version}`,
    read: async (limitMs) =>
      rulesIn(await lookAtTable(run, family, { known: undefined, suspects: 'all', limitMs }), family),
    async findDrift(rules, thorough) {
      const applied = rulesetOf(rules);
      const known = thorough ? undefined : applied;
      const found = await suspects.lookAt((names) => lookAtTable(run, family, { known, suspects: names }));
      const problems = found?.problems ?? [];
      const lost = [
        ...problems.map(({ problem }) => `not ours: ${shorten(problem)}`),
        ...findDrift(applied, found?.ruleset),
      ];
      return { lost, standing: () => rulesIn(found, family) };
    },
    async apply({ text }) {
      ledger.begin();
      const outcome = await run('nft', ['-f', '-'], { input: text, timeoutMs: timeoutFor(text) });
      const applied = applyOutcome({ command: 'nft', outcome, lockWaitMs: 0 }, explainNft);
      ledger.end(applied.kind === 'applied' ? 1 : 0);
      return applied;
    },
    watch,
  };
}

function rulesIn(found: ListedTable, family: IpFamily): Rules | undefined {
  const [first] = found?.problems ?? [];
  if (found === undefined || first === undefined) return found && { mode: 'nftables', ruleset: found.ruleset };
  const more = found.problems.length - 1;
  const others = more === 0 ? '' : ` and ${more} more ${more === 1 ? 'line' : 'lines'}`;
  const what = `${shorten(first.problem)}${others}`;
  throw new KernelError(`table ${printTableName(family)} has what rulewright never writes: ${what}`);
}

function rulesetOf(rules: Rules): NftablesRuleset {
  if (rules.mode !== 'nftables') throw new Error(`rules of mode ${rules.mode}, not nftables`);
  return rules.ruleset;
}
