/** One look at the UDP entries of a family: finds the stale ones and deletes them. */
import type { IpFamily } from '../../core/model/address.ts';
import { createLineSplitter } from '../line-splitter.ts';
import { type CommandOutcome, describeAbsence, type RunCommand } from '../run-command.ts';
import { deletionArguments, listArguments, originalDestination, replySource, type StaleFlows } from './entry.ts';
import { staleFlows, targetOf, type UdpTargets } from './targets.ts';

export interface PassOptions {
  readonly family: IpFamily;
  readonly targets: UdpTargets;
  /** Addresses of this node at which NodePorts are reached. */
  readonly nodeAddresses: ReadonlySet<string>;
  /** Nothing new is begun after that long. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly run: RunCommand;
}

export interface PassResult {
  readonly family: IpFamily;
  /** `outOfTime`: some stale entries may be left. */
  readonly kind: 'complete' | 'outOfTime' | 'failed';
  /** Entries that were looked at, and those of them that are gone now. */
  readonly seen: number;
  readonly deleted: number;
  readonly ms: number;
  /** Why it failed and what to do, a sentence each; undefined when it did not. */
  readonly problem: { readonly problem: string; readonly remedy: string } | undefined;
}

/**
 * Never rejects. Each deletion makes the tool walk the whole table once more (0.2 s for 100,000 entries, conntrack
 * 1.4.7), so flows that have destination and endpoint in common are deleted together. The tool can read many deletions
 * from a file, but that saves only its start.
 */
export async function deleteStaleEntries(options: PassOptions): Promise<PassResult> {
  const startedAt = performance.now();
  const hasTime = (): boolean => performance.now() - startedAt < options.budgetMs && !options.signal.aborted;
  const { stale, seen, outcome: listed } = await findStale(options);
  let deleted = 0;
  const end = (kind: PassResult['kind'], problem?: PassResult['problem']): PassResult => {
    const ms = Math.round(performance.now() - startedAt);
    return { family: options.family, kind, seen, deleted, ms, problem };
  };
  const problem = problemOf(listed);
  if (problem !== undefined) return end('failed', problem);
  for (const flows of stale) {
    if (!hasTime()) return end('outOfTime');
    // The tool says each entry that it has deleted; those that went by themselves in the meantime are no failure.
    const outcome = await conntrack(options, deletionArguments(options.family, flows), (line) => {
      if (originalDestination(line) !== undefined) deleted += 1;
    });
    const failure = problemOf(outcome);
    if (failure !== undefined) return end('failed', failure);
  }
  return end('complete');
}

interface StaleEntries {
  readonly stale: readonly StaleFlows[];
  readonly seen: number;
  readonly outcome: CommandOutcome;
}

/** Of a service with thousands of clients only one line comes back for each endpoint that they should not have. */
async function findStale(options: PassOptions): Promise<StaleEntries> {
  const { family, targets, nodeAddresses } = options;
  const stale = new Map<string, StaleFlows>();
  let seen = 0;
  const outcome = await conntrack(options, listArguments(family), (line) => {
    const destination = originalDestination(line);
    if (destination === undefined) return;
    seen += 1;
    const target = targetOf(targets, nodeAddresses, destination);
    const source = target === undefined ? undefined : replySource(line);
    if (target === undefined || source === undefined) return;
    const flows = staleFlows(target, destination, source);
    if (flows !== undefined) stale.set(`${flows.destination} ${flows.replySource ?? ''}`, flows);
  });
  return { stale: [...stale.values()], seen, outcome };
}

/** A tool that takes longer hangs: a table of a million entries is listed in some seconds. */
const timeoutMs = 60_000;

/** Lists and deletions are long and can wait: the tool runs in the background, and its lines are not collected. */
async function conntrack(
  { run, signal }: PassOptions,
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<CommandOutcome> {
  const lines = createLineSplitter(onLine);
  const outcome = await run('conntrack', args, { timeoutMs, signal, isBackground: true, onChunk: lines.take });
  lines.end();
  return outcome;
}

function problemOf(outcome: CommandOutcome): PassResult['problem'] {
  const consequence = 'UDP clients of endpoints that are gone may not be heard until they pause';
  const install = 'install conntrack-tools (Debian: apt-get install conntrack)';
  const wait = 'nothing; it is tried again';
  if (outcome.kind !== 'exited') {
    const problem = `${describeAbsence('conntrack', outcome)}: ${consequence}`;
    return { problem, remedy: outcome.kind === 'missing' ? install : wait };
  }
  const { exitCode, stderr } = outcome;
  if (/not permitted|permission denied/i.test(stderr)) {
    return {
      problem: `conntrack may not ask the kernel, which takes CAP_NET_ADMIN: ${consequence}`,
      remedy: 'run as root, or give the container the capability NET_ADMIN',
    };
  }
  // It ends with 1 also when there was nothing to delete, and then says so.
  if (exitCode === 0 || /flow entries have been deleted/.test(stderr)) return undefined;
  const said = stderr.split('\n').find((line) => line.trim() !== '') ?? `exit code ${exitCode}`;
  return { problem: `conntrack failed (${said}): ${consequence}`, remedy: wait };
}
