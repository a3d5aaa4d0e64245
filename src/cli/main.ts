/** The program as a whole: its help, and the one place where errors become exit codes. Its commands: commands.ts. */
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { terminalText } from '../core/structures/safe-text.ts';
import { commands } from './commands.ts';
import { failure, refuseUsage } from './execute.ts';
import { type ExitCode, exitCodes, usualExitCodes } from './exit-codes.ts';
import { describeCommand } from './flags/describe.ts';
import { formatJson } from './output/json.ts';
import { write } from './output/streams.ts';
import { helpWidth, wrapExitCodes } from './output/wrap.ts';
import { withDashes } from './run/options.ts';
import { suggestionFor } from './suggestion.ts';
import { programVersion } from './version.ts';

const help = `
Examples:
  $ rulewright compile -f shop.yaml --cluster-cidr 10.244.0.0/16
  $ rulewright diff yesterday.yaml today.yaml --mode nftables
  $ rulewright plan main/ branch/ --hostname-override node-1
  $ rulewright explain outside shop/web:http -f shop.yaml
  $ iptables-save | rulewright verify -f cluster.json --dump -
  $ rulewright help compile
  $ rulewright version

${usualExitCodes}`;

/** Runs one command line (without `node` and the script) and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has gone away (`| head`) is no exception: `write` reports it to its caller.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.exitCode = await runProgram(args);
}

async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.clean;
  const program = new Command('rulewright')
    .description(
      'Compiles Kubernetes Services and EndpointSlices into netfilter rules, keeps a node equal to them, and explains.',
    )
    .helpOption('-h, --help', 'show this; `rulewright help COMMAND` shows a command')
    .version(`rulewright ${programVersion()}`, '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', ({ error }) => wrapExitCodes(help, helpWidth(error ? process.stderr : process.stdout)))
    // Usage errors are thrown and shown below, on one line.
    .configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth(process.stdout),
      getErrHelpWidth: () => helpWidth(process.stderr),
    })
    // Flags with long names leave less than half of 80 columns for their help.
    .configureHelp({ minWidthToWrap: 16 })
    .exitOverride();
  for (const [name, { text, run }] of Object.entries(commands)) {
    const command = describeCommand(program.command(name), text);
    command.action(async () => {
      exitCode = await run(command.opts(), command.processedArgs.flat());
    });
  }
  try {
    await program.parseAsync(args[0] === 'run' ? withDashes(args) : args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, args);
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const lines = details.split('\n').map((line) => `  ${terminalText(line)}\n`);
    const problem = 'this is a bug in rulewright, please report it with the input';
    if (wantsJson(args)) await write(process.stdout, formatJson(commandOf(args), {}, [failure('bug', problem)]));
    await write(process.stderr, `error: ${problem}\n${lines.join('')}`);
    return exitCodes.bug;
  }
}

/** Commander ends parsing with an error also when it has shown help or version. */
async function endOfParsing(error: CommanderError, args: readonly string[]): Promise<ExitCode> {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return exitCodes.clean;
  // No command at all: commander has shown the help on standard error.
  if (error.code === 'commander.help') return error.exitCode === 0 ? exitCodes.clean : exitCodes.usage;
  const found = error.message.replace(/^error: /, '');
  const better = error.code === 'commander.unknownOption' ? suggestionFor(commandOf(args), found) : undefined;
  const message =
    better === undefined
      ? found.replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean $1?)')
      : `${found.split('\n', 1)[0]} (did you mean ${better}?)`;
  // `diff` names its files without a flag.
  const isOfCompile = error.code === 'commander.excessArguments' && message.includes("'compile'");
  const hint = isOfCompile ? ' (files are named with -f)' : '';
  return await refuseUsage([terminalText(message) + hint], commandOf(args), wantsJson(args) ? 'json' : undefined);
}

/** The command that was meant, as far as it can be told. */
function commandOf([command = '']: readonly string[]): string {
  return Object.hasOwn(commands, command) ? command : '';
}

/** Whether JSON was asked for, where commander has not told. */
function wantsJson(args: readonly string[]): boolean {
  return args.some(
    (arg, index) => /^(?:-o=?|--output=)json$/.test(arg) || (arg === 'json' && isOutput(args[index - 1])),
  );
}

function isOutput(flag = ''): boolean {
  return flag === '-o' || flag === '--output';
}
