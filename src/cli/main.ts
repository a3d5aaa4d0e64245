/** The program: its commands, its help, and the one place where errors become exit codes. */
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { terminalText } from '../core/structures/safe-text.ts';
import { type CleanupFlags, describeCleanup } from './cleanup/options.ts';
import { describeCompile, describeDiff } from './compile/options.ts';
import { type ExitCode, exitCodeHelp, exitCodes } from './exit-codes.ts';
import type { ExplainFlags } from './explain/flags.ts';
import { describeExplain } from './explain/options.ts';
import type { GivenFlags } from './flags/settings.ts';
import { write } from './output/streams.ts';
import type { GivenPlanFlags } from './plan/flags.ts';
import { describePlanCommand } from './plan/options.ts';
import { describeRun, withDashes } from './run/options.ts';
import type { VerifyFlags } from './verify/flags.ts';
import { describeVerify } from './verify/options.ts';
import { programVersion } from './version.ts';

const help = `
Examples:
  $ rulewright compile -f shop.yaml --cluster-cidr 10.244.0.0/16
  $ rulewright diff yesterday.yaml today.yaml --mode nftables
  $ rulewright plan main/ branch/ --hostname-override node-1
  $ rulewright explain outside shop/web:http -f shop.yaml
  $ iptables-save | rulewright verify -f cluster.json --dump -
  $ rulewright help compile

${exitCodeHelp}`;

/** Runs one command line (without `node` and the script) and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has gone away (`| head`) is no exception; who writes is told and decides.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.exitCode = await run(args);
}

async function run(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.clean;
  // Each command is loaded when it is called: hundreds of modules take longer than most files take to compile.
  const program = new Command('rulewright')
    .description(
      'Compiles Kubernetes Services and EndpointSlices into netfilter rules, keeps a node equal to them, and explains.',
    )
    .helpOption('-h, --help', 'show this; `rulewright help COMMAND` shows a command')
    .version(`rulewright ${programVersion()}`, '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', help)
    // Usage errors are thrown and shown below, on one line.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  describeCompile(program.command('compile')).action(async (flags: GivenFlags) => {
    const { runCompile } = await import('./compile/command.ts');
    exitCode = await runCompile(flags);
  });
  describeDiff(program.command('diff')).action(async (old: string, wanted: string, flags: GivenFlags) => {
    const { runDiff } = await import('./diff/command.ts');
    exitCode = await runDiff(old, wanted, flags);
  });
  describePlanCommand(program.command('plan')).action(async (inputs: readonly string[], flags: GivenPlanFlags) => {
    const { runPlan } = await import('./plan/command.ts');
    exitCode = await runPlan(inputs, flags);
  });
  describeCleanup(program.command('cleanup')).action(async (flags: CleanupFlags) => {
    const { runCleanup } = await import('./cleanup/command.ts');
    exitCode = await runCleanup(flags);
  });
  describeRun(program.command('run')).action(async (flags: object) => {
    const { runRun } = await import('./run/command.ts');
    exitCode = await runRun(flags);
  });
  describeExplain(program.command('explain')).action(
    async (source: string, destination: string, flags: ExplainFlags) => {
      const { runExplain } = await import('./explain/command.ts');
      exitCode = await runExplain(source, destination, flags);
    },
  );
  describeVerify(program.command('verify')).action(async (flags: VerifyFlags) => {
    const { runVerify } = await import('./verify/command.ts');
    exitCode = await runVerify(flags);
  });
  try {
    await program.parseAsync(args[0] === 'run' ? withDashes(args) : args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error);
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const lines = details.split('\n').map((line) => `  ${terminalText(line)}\n`);
    await write(
      process.stderr,
      `error: this is a bug in rulewright, please report it with the input\n${lines.join('')}`,
    );
    return exitCodes.bug;
  }
}

/** Commander ends parsing with an error also when it has shown help or version. */
async function endOfParsing(error: CommanderError): Promise<ExitCode> {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return exitCodes.clean;
  // No command at all: commander has shown the help on standard error.
  if (error.code === 'commander.help') return error.exitCode === 0 ? exitCodes.clean : exitCodes.usage;
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean $1?)');
  // `diff` names its files without a flag.
  const isOfCompile = error.code === 'commander.excessArguments' && message.includes("'compile'");
  const hint = isOfCompile ? ' (files are named with -f)' : '';
  await write(process.stderr, `error: ${terminalText(message)}${hint}\n`);
  return exitCodes.usage;
}
