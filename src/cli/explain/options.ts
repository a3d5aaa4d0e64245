/** The flags and the help of `explain`. */
import { usualExitCodes } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { inputFlags, nodeGroup, rulesGroup } from '../flags/table.ts';

const description = `Shows where a packet from SRC to DST goes on a node, and why: the frontend and the
policy, which endpoints are used and why the rest are not, each outcome with its exact
probability, masquerading, and the rules that the packet meets.

SRC  node, outside (a typical client), pod (one of this node), localhost, an address,
     or namespace/name of a Pod or Service (one of its endpoints)
DST  namespace/name of a Service (or Pod), an address, node or localhost, each with
     :PORT by name or number where there is more than one

The cluster comes from files (-f), the rules from the compiler; or from a dump of a
kernel's rules (--dump), beside the files or alone, made by rulewright or by
kube-proxy in either mode; or the answer comes from a running daemon (--from).`;

const examples = `  My Service times out; what happens to a client from outside?
    $ rulewright explain outside shop/web:http -f shop.yaml --hostname-override node-1

  The same through a NodePort, in nftables mode:
    $ rulewright explain outside node:30080 -f shop.yaml -f node-1.yaml --mode nftables

  Do the kernel's rules match the Services? Rules of kube-proxy work too:
    $ iptables-save | rulewright explain pod shop/web -f shop.yaml --dump -

  From a dump alone:
    $ nft list ruleset | rulewright explain 10.244.1.7 10.96.0.10:53 --proto udp --dump -

  Ask the daemon of this node:
    $ rulewright explain pod shop/web:http --from http://127.0.0.1:10249`;

export const explainText: CommandText = {
  usage: 'SRC DST[:PORT] [-f FILE|DIR|-] [--dump FILE|-] [--from URL] [options]',
  summary: 'show where a packet goes, and why',
  description,
  operands: { '<src>': 'the sender', '<dst>': 'the destination' },
  groups: {
    'The packet:': [
      'proto',
      ['ip-family', 'for names that have addresses of both families', '<ipv4|ipv6>'],
      'interface',
      'remembered',
    ],
    'Input:': [...inputFlags, 'dump', 'from'],
    ...nodeGroup,
    ...rulesGroup,
    'Output:': [
      ['mode', 'kind of rules to trace (default: iptables)'],
      ['layout', 'of the rules in iptables mode (default: fast)'],
      ['output', 'a tree for people, or the same as JSON (default: text)'],
      'strict',
      'verbose',
      'color',
    ],
  },
  examples,
  exitCodes: usualExitCodes,
};
