/** The flags of `plan` as commander and --help know them. What their values mean is read in plan-flags.ts. */
import type { Command } from 'commander';
import { addKubeProxyOptions, addNodeOptions } from '../compile/options.ts';

const description = `Shows what a change means for people before it is made: who can no longer reach
which Service, who newly can, which endpoints come and go, and what is risky.

OLD and NEW are files, directories or - (standard input). The answer is found by
sending every kind of caller to every frontend, in the old plan and in the new
one: a Service that is not mentioned treats every packet as it did.`;

const examples = `
Examples:
  Is this change safe, for node-1?
    $ rulewright plan main/ branch/ --hostname-override node-1

  For every node of the cluster, as a comment on a pull request:
    $ rulewright plan main/ branch/ --all-nodes -o markdown > comment.md

  In CI: fail when a risk is high, or when anything is opened to the world
    $ rulewright plan main/ branch/ --fail-on high,opened-to-world

  What applying a file would change on a running node:
    $ rulewright plan --from http://127.0.0.1:10249 --overlay web.yaml
    $ rulewright plan --live --hostname-override node-1 --overlay web.yaml

Exit codes:
  0   the plan was made; risks alone do not fail
  1   a risk that --fail-on names, an object left out, or an input that cannot be read; with --strict, also a warning
  2   wrong usage: an unknown flag, a value that is not valid, or a Node that is too old
  70  a bug in rulewright
`;

/** Adds description, flags and examples. */
export function describePlanCommand(command: Command): Command {
  command
    .usage('[options] OLD NEW')
    .summary('show what a change means for people, before it is made')
    .description(description)
    .argument('[inputs...]', 'OLD and NEW, or NEW alone with --from, --live or --kubeconfig: file, directory or -');
  command
    .optionsGroup('Input:')
    .option('-R, --recursive', 'look into the folders of directories too')
    .option('--from <url>', 'take OLD from the debug address of a running rulewright, such as http://127.0.0.1:10249')
    .option('--live', 'take OLD from the cluster that kubectl would ask')
    .option('--kubeconfig <file>', 'take OLD from the cluster that this file leads to')
    .option('--overlay', 'objects that are not in NEW stay, as with kubectl apply (default: they go)');
  addNodeOptions(command);
  command.option('--all-nodes', 'ask for each Node in the input');
  addKubeProxyOptions(command);
  command
    .optionsGroup('Output:')
    .option('--mode <iptables|nftables>', 'kind of rules (default: iptables)')
    .option('--ip-family <ipv4|ipv6|both>', 'which family (default: both)')
    .option('--layout <fast|kube-proxy>', 'shape of the iptables rules that are counted (default: fast)')
    .option('-o, --output <text|markdown|json>', 'for a terminal, a pull request or a program (default: text)')
    .option(
      '--fail-on <code|severity,...>',
      'exit code 1 when such a risk is found: codes of docs/cli-plan.md, or high, medium, low for these and worse, ' +
        'or change for anything at all; may be repeated',
      collect,
    )
    .option('--strict', 'warnings about inputs fail: exit code 1')
    .option('-v, --verbose', 'show diagnostics of severity info too')
    .option('--color <auto|always|never>', 'colours (default: auto, which honours NO_COLOR)');
  return command.optionsGroup('Help:').helpOption('-h, --help', 'show this').addHelpText('after', examples);
}

/** Values of a flag given several times. */
function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
