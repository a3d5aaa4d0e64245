/** The flags and the help of `cleanup`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';

const description = `Removes the rules that rulewright has made on this machine, in every mode, for
IPv4 and IPv6: the nftables tables named rulewright, and the KUBE- chains with
the jumps to them in both variants of iptables. With --kube-proxy it removes
kube-proxy's rules instead, and none of rulewright's.

In iptables mode both programs use the same chain names. The chain
KUBE-SVC-RULEWRIGHT in table nat marks them as rulewright's; kube-proxy deletes
that chain when it takes them over.

Stop rulewright first: a daemon that runs restores its rules. While one runs,
cleanup without --kube-proxy removes nothing unless --force is given.
Established connections go on until they end. Standard output says what is
removed, what is left, and why; a second run finds nothing to do.

Rules of other programs stay: other tables and chains, KUBE-FIREWALL where a
kubelet runs, and KUBE-MARK-MASQ while another program's chain jumps to it.
Kernel settings (sysctls) stay as they are.`;

const examples = `  What would be removed, without removing it:
    $ rulewright cleanup --dry-run

  What kube-proxy has left, while rulewright runs in its place:
    $ rulewright cleanup --kube-proxy

  Everything, once rulewright is stopped:
    $ rulewright cleanup && rulewright cleanup --kube-proxy

  For a script, with the name of each chain:
    $ rulewright cleanup -o json | jq '.removed[] | {place, names}'`;

export const cleanupText: CommandText = {
  summary: 'remove all rules from this machine',
  description,
  groups: {
    'What is removed:': ['kube-proxy', 'force', 'dry-run'],
    'Output:': [['output', 'lines, or all of it with every name as JSON (default: text)']],
  },
  examples,
  exitCodes: exitCodeHelp(
    'clean: there is nothing left to remove',
    'something could not be removed; what and why is in the output',
    'an unknown flag, or a value that is not valid',
  ),
};
