/** The flags and the help of `cleanup`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';

const description = `Removes the rules that rulewright has made on this machine, in every mode, for
IPv4 and IPv6: the nftables tables named rulewright, and the KUBE- chains with
the jumps to them in both variants of iptables.

Stop rulewright (and kube-proxy) first: whoever still runs puts its rules back.
Connections that are established go on until they end. What is removed, what
is left and why is said on standard output; a second run finds nothing to do.

What others made stays: other tables and chains, KUBE-FIREWALL where a kubelet
runs, and KUBE-MARK-MASQ while somebody else's chain jumps to it. Kernel
settings (sysctls) stay as they are.`;

const examples = `  What would be removed, without removing it:
    $ rulewright cleanup --dry-run

  Off this node altogether, with what kube-proxy had left from before:
    $ rulewright cleanup --kube-proxy

  For a script, with the name of each chain:
    $ rulewright cleanup -o json | jq '.removed[] | {place, names}'`;

export const cleanupText: CommandText = {
  summary: 'remove all rules from this machine',
  description,
  groups: {
    'What is removed:': ['kube-proxy', 'dry-run'],
    'Output:': [['output', 'lines, or all of it with every name as JSON (default: text)']],
  },
  examples,
  exitCodes: exitCodeHelp(
    'clean: there is nothing left to remove',
    'something could not be removed; what and why is in the output',
    'an unknown flag, or a value that is not valid',
  ),
};
