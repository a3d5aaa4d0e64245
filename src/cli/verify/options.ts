/** The flags and the help of `verify`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { inputFlags, nodeGroup, rulesGroup } from '../flags/table.ts';

const description = `Proves, for all packets and not for a sample, that rules do what the Services say:
the rules that rulewright makes of them, or those in a dump of a kernel, whoever
made them (iptables-save, ip6tables-save, nft list ruleset).

All packets that open a connection are cut into classes that neither the Services
nor the rules can tell apart, and one packet of each class is traced through
both. What differs is shown with a packet that shows it.`;

const examples = `  Are the rules of this node what the cluster's Services ask for?
    $ kubectl get services,endpointslices,nodes -A -o json > cluster.json
    $ iptables-save | rulewright verify -f cluster.json --dump - --hostname-override node-1

  Is kube-proxy right, in nftables mode?
    $ nft list ruleset | rulewright verify -f cluster.json --dump -

  The rules that rulewright would make, in every mode and layout:
    $ rulewright verify -f shop.yaml --all-backends

  Do both layouts of iptables mode mean the same?
    $ rulewright verify -f shop.yaml --layout fast --against iptables-kube-proxy`;

export const verifyText: CommandText = {
  usage: '-f FILE|DIR|- [--dump FILE|-] [options]',
  summary: 'prove that rules do what the Services say, for all packets',
  description,
  groups: {
    'Input:': [...inputFlags, ['dump', 'rules to verify, as iptables-save or nft print them; - for standard input']],
    'What is verified:': [
      ['mode', "kind of rules (default: the dump's, else iptables)"],
      ['layout', 'of the rules that rulewright makes (default: fast)'],
      'against',
      'all-backends',
      ['ip-family', "which rules (default: the dump's, else both)"],
      'accept-deviations',
    ],
    ...nodeGroup,
    ...rulesGroup,
    'Output:': ['output', 'strict', 'verbose', 'color'],
  },
  examples,
  exitCodes: exitCodeHelp(
    'proven: every packet fares as the Services say',
    'not proven: there are counter-examples, or rules that are not understood; or an error was reported, as by compile',
  ),
};
