/** The flags of `rulewright run` as commander and --help know them. What they mean is in src/configuration. */
import { type Command, Option } from 'commander';
import { flagNames, flags } from '../../configuration/flags.ts';
import { collect } from '../flags/texts.ts';

const description = `Takes kube-proxy's place on this node: watches Services and EndpointSlices, and
keeps the rules in the kernel equal to them.

Flags, configuration file and defaults are those of kube-proxy 1.36. Those that
have no effect here are accepted, with a warning by name, and not shown below:
see docs/configuration.md.`;

const examples = `
Examples:
  In kube-proxy's place, with its own configuration file:
    $ rulewright run --config /var/lib/kube-proxy/config.conf

  Without a cluster, from a folder of manifests that is watched:
    $ rulewright run --manifests shop/ --hostname-override node-1 --proxy-mode nftables

  What a kube-proxy command line comes to, as a file:
    $ rulewright run --proxy-mode=nftables --cluster-cidr=10.244.0.0/16 --write-config-to -

Exit codes:
  0   what was asked for is done, or a signal ended it; rules stay
  1   it cannot go on, or the file of --config has changed: start it again
  2   wrong usage: a flag or a field that is unknown or not valid, or a Node that is too old
  70  a bug in rulewright
`;

/** Adds description, flags and examples. */
export function describeRun(command: Command): Command {
  command
    .summary("keep this node's rules equal to the cluster's Services, in kube-proxy's place")
    .description(description);
  for (const flag of flags) {
    const short = flag.name.length === 1 ? `-${flag.name}, ` : '';
    const option = new Option(`${short}--${flag.name} ${flag.argument}`, flag.help).argParser(collect);
    command.optionsGroup(`${flag.group}:`);
    command.addOption(flag.group === 'Accepted, without effect' ? option.hideHelp() : option);
  }
  return command.optionsGroup('Help:').helpOption('-h, --help', 'show this').addHelpText('after', examples);
}

/** kube-proxy takes `_` for `-` in the names of flags (component-base WordSepNormalizeFunc): `--log_dir`. */
export function withDashes(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => {
    if (!arg.startsWith('--') || (end >= 0 && index >= end)) return arg;
    const [name = ''] = arg.split('=', 1);
    const dashed = name.replaceAll('_', '-');
    return flagNames.has(dashed.slice(2)) ? dashed + arg.slice(name.length) : arg;
  });
}
