/** From a command's texts and the tables of flags to what commander parses and --help shows. */
import process from 'node:process';
import { type Command, Option } from 'commander';
import { fieldAt } from '../../configuration/fields.ts';
import { type FlagGroup, flags as proxyFlags } from '../../configuration/flags.ts';
import { helpWidth, wrapExitCodes } from '../output/wrap.ts';
import { type FlagUse, letters, type OwnFlagName, ownFlags } from './table.ts';

/** What a user reads about a command. */
export interface CommandText {
  /** Absent: as commander makes it from the operands. */
  readonly usage?: string;
  /** Its line in the help of the program. */
  readonly summary: string;
  readonly description: string;
  /** `<old>` → help, in order. */
  readonly operands?: Readonly<Record<string, string>>;
  /** By title, in order. */
  readonly groups: Readonly<Record<string, readonly FlagUse[]>>;
  /** Whether each flag may be given several times, as for kube-proxy; else only those whose values add up. */
  readonly repeatsAll?: true;
  /** Below the title `Examples:`, up to the next empty line. */
  readonly examples: string;
  /** The list of exit codes. */
  readonly exitCodes: string;
}

const hiddenGroup: `${FlagGroup}:` = 'Accepted, without effect:';

/** Adds everything but what the command does. */
export function describeCommand(command: Command, text: CommandText): Command {
  command.summary(text.summary).description(text.description);
  if (text.usage !== undefined) command.usage(text.usage);
  for (const [syntax, help] of Object.entries(text.operands ?? {})) command.argument(syntax, help);
  for (const [title, uses] of Object.entries(text.groups)) {
    command.optionsGroup(title);
    for (const use of uses) command.addOption(optionOf(use, text.repeatsAll).hideHelp(title === hiddenGroup));
  }
  return command
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this')
    .addHelpText(
      'after',
      () => `\nExamples:\n${text.examples}\n\n${wrapExitCodes(text.exitCodes, helpWidth(process.stdout))}`,
    );
}

function optionOf(use: FlagUse, repeatsAll = false): Option {
  const [name, said, form] = typeof use === 'string' ? [use] : use;
  const row = rowOf(name);
  const [argument, help] = [form ?? row.argument, said ?? row.help];
  const letter = letters[name];
  const syntax = `${letter === undefined ? '' : `-${letter}, `}--${name} ${argument}`;
  const option = new Option(syntax.trim(), help);
  return repeatsAll || row.repeats ? option.argParser(collect) : option;
}

function rowOf(name: string): { readonly argument: string; readonly help: string; readonly repeats: boolean } {
  if (Object.hasOwn(ownFlags, name)) {
    const [argument, help] = ownFlags[name as OwnFlagName];
    return { argument, help, repeats: argument.endsWith(',...>') };
  }
  const flag = proxyFlags.find((each) => each.name === name);
  if (flag === undefined) throw new Error(`no such flag: ${name}`);
  return { ...flag, repeats: flag.field !== undefined && fieldAt(flag.field).kind.repeats === true };
}

/** The values of a flag given several times. */
function collect(value: string, earlier: readonly string[] | true = []): readonly string[] {
  return [...(earlier === true ? ['true'] : earlier), value];
}
