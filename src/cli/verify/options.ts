/** The flags of `verify` as commander and --help know them. */
import type { Command } from 'commander';
import { addInputOptions, addKubeProxyOptions, addNodeOptions } from '../compile/options.ts';

const description = `Proves, for all packets and not for a sample, that rules do what the Services say:
the rules that rulewright makes of them, or those in a dump of a kernel, whoever
made them (iptables-save, ip6tables-save, nft list ruleset).

All packets that open a connection are cut into classes that neither the Services
nor the rules can tell apart, and one packet of each class is traced through
both. What differs is shown with a packet that shows it.`;

const examples = `
Examples:
  Are the rules of this node what the cluster's Services ask for?
    $ kubectl get services,endpointslices,nodes -A -o json > cluster.json
    $ iptables-save | rulewright verify -f cluster.json --dump - --hostname-override node-1

  Is kube-proxy right, in nftables mode?
    $ nft list ruleset | rulewright verify -f cluster.json --dump -

  The rules that rulewright would make, in every mode and layout:
    $ rulewright verify -f shop.yaml --all-backends

  Do both layouts of iptables mode mean the same?
    $ rulewright verify -f shop.yaml --layout fast --against iptables-kube-proxy

Exit codes:
  0   proven: every packet fares as the Services say
  1   not proven: there are counter-examples, or rules that are not understood; or an error was reported, as by compile
  2   wrong usage: an unknown flag, a value that is not valid, or a Node that is too old
  70  a bug in rulewright
`;

/** Adds description, flags and examples. */
export function describeVerify(command: Command): Command {
  command
    .usage('-f FILE|DIR|- [--dump FILE|-] [options]')
    .summary('prove that rules do what the Services say, for all packets')
    .description(description);
  addInputOptions(command);
  command
    .option('--dump <file>', 'rules to verify, as iptables-save or nft print them; - for standard input')
    .optionsGroup('What is verified:')
    .option('--mode <iptables|nftables>', "kind of rules (default: the dump's, else iptables)")
    .option('--layout <fast|kube-proxy>', 'of the rules that rulewright makes (default: fast)')
    .option(
      '--against <backend...>',
      'verify these too, of iptables, iptables-kube-proxy (layout) and nftables, and compare',
    )
    .option('--all-backends', 'verify all of them')
    .option('--ip-family <ipv4|ipv6|both>', "which rules (default: the dump's, else both)")
    .option('--accept-deviations', 'known deviations of kube-proxy, which are shown, do not fail');
  addNodeOptions(command);
  addKubeProxyOptions(command);
  command
    .optionsGroup('Output:')
    .option('-o, --output <text|json>', 'text for people, or JSON (default: text)')
    .option('--strict', 'warnings about the input fail: exit code 1')
    .option('-v, --verbose', 'show diagnostics of severity info too')
    .option('--color <auto|always|never>', 'colours (default: auto, which honours NO_COLOR)');
  return command.optionsGroup('Help:').helpOption('-h, --help', 'show this').addHelpText('after', examples);
}
