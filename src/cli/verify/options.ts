/** The flags and the help of `verify`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { inputFlags, nodeGroup, rulesGroup } from '../flags/table.ts';

const description = `Proves that rules match the Services for every packet, not for a sample: the rules that
rulewright compiles, or those in a dump of any kernel (iptables-save, ip6tables-save,
nft list ruleset).

It divides all packets that open a connection into classes that neither the Services nor
the rules distinguish, and traces one packet of each class through both. Each difference
is shown with an example packet.`;

const examples = `  Do the rules of this node match the cluster's Services?
    $ kubectl get services,endpointslices,nodes -A -o json > cluster.json
    $ iptables-save | rulewright verify -f cluster.json --dump - --hostname-override node-1

  Is kube-proxy right, in nftables mode?
    $ nft list ruleset | rulewright verify -f cluster.json --dump -

  The rules that rulewright would make, in every mode and layout:
    $ rulewright verify -f shop.yaml --all-backends

  Do both layouts of iptables mode treat packets alike?
    $ rulewright verify -f shop.yaml --layout fast --against iptables-kube-proxy`;

export const verifyText: CommandText = {
  usage: '-f FILE|DIR|- [--dump FILE|-] [options]',
  summary: 'prove that rules match the Services, for every packet',
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
    'proven: the rules match the Services for every packet',
    'not proven: there are counter-examples, or rules that are not understood; or an error was reported, as by compile',
  ),
};
