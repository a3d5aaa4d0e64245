import { terminalText } from '../../core/structures/safe-text.ts';
import { type CleanupReport, cleanUp } from '../../host/cleanup.ts';
import { runSlowCommand } from '../../host/run-command.ts';
import { refuseUsage } from '../execute.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { flagReader, oneOf } from '../flags/reading.ts';
import type { GivenFlags } from '../flags/table.ts';
import { formatJson } from '../output/json.ts';
import { writeResult } from '../output/report.ts';

/** Runs the command; failures are in the report and set the exit code. */
export async function runCleanup(given: GivenFlags): Promise<ExitCode> {
  const { errors, read } = flagReader(given);
  const output = read('output', oneOf('text', 'json'), 'text');
  if (errors.length > 0) return refuseUsage(errors, 'cleanup', given.output);
  const isDryRun = given.dryRun === true;
  const report = await cleanUp({ run: runSlowCommand, kubeProxy: given.kubeProxy === true, dryRun: isDryRun });
  const text =
    output === 'json' ? formatJson('cleanup', { dryRun: isDryRun, ...report }, []) : formatText(report, isDryRun);
  const written = await writeResult(text);
  return report.failed.length > 0 || written === 'failed' ? exitCodes.errors : exitCodes.clean;
}

/** One line for each place, like `removed  iptables-legacy, table nat: 1204 chains and 3 jumps to them`. */
function formatText({ removed, left, failed }: CleanupReport, dryRun: boolean): string {
  const lines = [
    ...removed.map((each) => [dryRun ? 'would remove' : 'removed', `${each.place}: ${describeRemoved(each)}`]),
    ...left.map(({ place, name, why }) => ['left', `${place}: ${name} (${why})`]),
    ...failed.map(({ place, problem, remedy }) => ['failed', `${place}: ${problem}; to do: ${remedy}`]),
  ];
  if (removed.length + failed.length === 0) lines.push(['nothing', 'there are no rules to remove']);
  const width = Math.max(...lines.map(([word = '']) => word.length));
  return lines.map(([word = '', text = '']) => `${word.padEnd(width)}  ${terminalText(text)}\n`).join('');
}

function describeRemoved({ kind, names, jumps }: CleanupReport['removed'][number]): string {
  if (kind === 'tables') return names.map((name) => `table ${name}`).join(', ');
  const chains = names.length === 1 ? '1 chain' : `${names.length} chains`;
  return jumps === 0 ? chains : `${chains} and ${jumps === 1 ? '1 jump' : `${jumps} jumps`} to them`;
}
