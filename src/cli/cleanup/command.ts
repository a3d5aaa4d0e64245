import { remember } from '../../core/structures/remember.ts';
import { terminalText } from '../../core/structures/safe-text.ts';
import { type CleanupReport, type CleanupScope, cleanUp } from '../../host/cleanup.ts';
import { isDaemonRunning } from '../../host/node-lock.ts';
import { runSlowCommand } from '../../host/run-command.ts';
import { refuseUsage } from '../execute.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { flagReader, oneOf } from '../flags/reading.ts';
import type { GivenFlags } from '../flags/table.ts';
import { formatJson } from '../output/json.ts';
import { writeResult } from '../output/report.ts';

/**
 * Runs the command; failures are in the report and set the exit code. Without `scope` the flags say whose rules go.
 */
export async function runCleanup(given: GivenFlags, scope?: CleanupScope): Promise<ExitCode> {
  const { errors, read } = flagReader(given);
  const output = read('output', oneOf('text', 'json'), 'text');
  if (errors.length > 0) return refuseUsage(errors, 'cleanup', given.output);
  const isDryRun = given.dryRun === true;
  const whose = scope ?? (given.kubeProxy === true ? 'kubeProxys' : 'ours');
  const isRefused = whose !== 'kubeProxys' && !isDryRun && given.force !== true && (await isDaemonRunning());
  const report = isRefused ? refusal : await cleanUp({ run: runSlowCommand, whose, dryRun: isDryRun });
  const text =
    output === 'json' ? formatJson('cleanup', { dryRun: isDryRun, ...report }, []) : formatText(report, isDryRun);
  const written = await writeResult(text);
  return report.failed.length > 0 || written === 'failed' ? exitCodes.errors : exitCodes.clean;
}

const refusal: CleanupReport = {
  removed: [],
  left: [],
  failed: [
    {
      place: 'daemon',
      problem: 'a daemon runs in this network namespace: without its rules, connections fail until it restores them',
      remedy: 'stop the daemon first, or pass --force to cleanup',
    },
  ],
};

/** One line for each place, like `removed  iptables-legacy, table nat: 1204 chains and 3 jumps to them`. */
function formatText({ removed, left, failed }: CleanupReport, dryRun: boolean): string {
  const lines = [
    ...removed.map((each) => [dryRun ? 'would remove' : 'removed', `${each.place}: ${describeRemoved(each)}`]),
    ...describeLeft(left).map((text) => ['left', text]),
    ...failed.map(({ place, problem, remedy }) => ['failed', `${place}: ${problem}; to do: ${remedy}`]),
  ];
  if (removed.length + failed.length === 0) lines.push(['nothing', 'there are no rules to remove']);
  const width = Math.max(...lines.map(([word = '']) => word.length));
  return lines.map(([word = '', text = '']) => `${word.padEnd(width)}  ${terminalText(text)}\n`).join('');
}

/** More names than these are counted; `-o json` has them all. */
const mostNames = 50;

/** What stays for the same reason at one place, in one line. */
function describeLeft(left: CleanupReport['left']): readonly string[] {
  const groups = new Map<string, { place: string; why: string; names: string[] }>();
  for (const { place, name, why } of left) {
    remember(groups, `${place} ${why}`, () => ({ place, why, names: [] })).names.push(name);
  }
  return [...groups.values()].map(({ place, why, names }) => {
    const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
    return `${place}: ${names.slice(0, mostNames).join(', ')}${more} (${why})`;
  });
}

function describeRemoved({ kind, names, jumps }: CleanupReport['removed'][number]): string {
  if (kind === 'tables') return names.map((name) => `table ${name}`).join(', ');
  const chains = names.length === 1 ? '1 chain' : `${names.length} chains`;
  return jumps === 0 ? chains : `${chains} and ${jumps === 1 ? '1 jump' : `${jumps} jumps`} to them`;
}
