/** The flags of `cleanup` as commander and --help know them. */
import type { Command } from 'commander';

/** As commander collects them. */
export interface CleanupFlags {
  readonly kubeProxy?: true;
  readonly dryRun?: true;
  readonly output?: string;
}

const description = `Removes the rules that rulewright has made on this machine, in every mode, for
IPv4 and IPv6: the nftables tables named rulewright, and the KUBE- chains with
the jumps to them in both variants of iptables.

Stop rulewright (and kube-proxy) first: whoever still runs puts its rules back.
Connections that are established go on until they end. What is removed, what
is left and why is said on standard output; a second run finds nothing to do.

What others made stays: other tables and chains, KUBE-FIREWALL where a kubelet
runs, and KUBE-MARK-MASQ while somebody else's chain jumps to it. Kernel
settings (sysctls) stay as they are.`;

const examples = `
Examples:
  What would be removed, without removing it:
    $ rulewright cleanup --dry-run

  Off this node altogether, with what kube-proxy had left from before:
    $ rulewright cleanup --kube-proxy

  For a script, with the name of each chain:
    $ rulewright cleanup -o json | jq '.removed[] | {place, names}'

Exit codes:
  0   clean: there is nothing left to remove
  1   something could not be removed; what and why is in the output
  2   wrong usage: an unknown flag, or a value that is not valid
  70  a bug in rulewright
`;

/** Adds description, flags and examples. */
export function describeCleanup(command: Command): Command {
  return command
    .summary('remove all rules from this machine')
    .description(description)
    .optionsGroup('What is removed:')
    .option(
      '--kube-proxy',
      "also kube-proxy's tables, chains and canaries, of its iptables and nftables modes (not of its ipvs mode: " +
        'there, run kube-proxy --cleanup)',
    )
    .option('--dry-run', 'only show it')
    .optionsGroup('Output:')
    .option('-o, --output <text|json>', 'lines, or all of it with every name as JSON (default: text)')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', examples);
}
