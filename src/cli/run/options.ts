/** The flags and the help of `run`: kube-proxy's flags, which are described in src/configuration. */
import { flags } from '../../configuration/flags.ts';
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';

const description = `Takes kube-proxy's place on this node: watches Services and EndpointSlices, and
keeps the rules in the kernel equal to them.

Flags, configuration file and defaults are those of kube-proxy 1.36. Those that
have no effect here are accepted, with a warning by name, and not shown below:
see docs/configuration.md.`;

const examples = `  In kube-proxy's place, with its own configuration file:
    $ rulewright run --config /var/lib/kube-proxy/config.conf

  Without a cluster, from a folder of manifests that is watched:
    $ rulewright run --manifests shop/ --hostname-override node-1 --proxy-mode nftables

  What a kube-proxy command line comes to, as a file:
    $ rulewright run --proxy-mode=nftables --cluster-cidr=10.244.0.0/16 --write-config-to -`;

const groups: CommandText['groups'] = Object.fromEntries(
  flags.map(({ group }) => [
    `${group}:`,
    flags.filter((flag) => flag.group === group).map(({ name, help, argument }) => [name, help, argument] as const),
  ]),
);

export const runText: CommandText = {
  summary: "keep this node's rules equal to the cluster's Services, in kube-proxy's place",
  description,
  groups,
  repeatsAll: true,
  examples,
  exitCodes: exitCodeHelp(
    'what was asked for is done, or a signal ended it; rules stay',
    'it cannot start or go on, or --init-only could not write a sysctl',
    'a flag or a field that is unknown or not valid, or a Node that is too old',
  ),
};

/** kube-proxy takes `_` for `-` in the names of flags (component-base WordSepNormalizeFunc): `--log_dir`. */
export function withDashes(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => {
    if (!arg.startsWith('--') || (end >= 0 && index >= end)) return arg;
    const [name = ''] = arg.split('=', 1);
    const dashed = name.replaceAll('_', '-');
    return flags.some(({ name: known }) => `--${known}` === dashed) ? dashed + arg.slice(name.length) : arg;
  });
}
