/** The flags of `explain` as commander and --help know them. */
import type { Command } from 'commander';
import { addInputOptions, addKubeProxyOptions, addNodeOptions } from '../compile/options.ts';
import { exitCodeHelp } from '../exit-codes.ts';

const description = `Says what becomes of a packet from SRC to DST on a node, and why: which frontend
and policy, which endpoints take part and why the others do not, each outcome with
its exact probability, masquerading, and the rules on the way.

SRC  node, outside (a typical client), pod (one of this node), localhost, an address,
     or namespace/name of a Pod or Service (one of its endpoints)
DST  namespace/name of a Service (or Pod), an address, node or localhost, each with
     :PORT by name or number where there is more than one

The cluster comes from files (-f), the rules from the compiler; or from a dump of a
kernel's rules (--dump), beside the files or alone, made by rulewright or by
kube-proxy in either mode; or the answer comes from a running daemon (--from).`;

const examples = `
Examples:
  My Service times out; what happens to a client from outside?
    $ rulewright explain outside shop/web:http -f shop.yaml --hostname-override node-1

  The same through a NodePort, in nftables mode:
    $ rulewright explain outside node:30080 -f shop.yaml -f node-1.yaml --mode nftables

  Does the kernel do what the Services say? kube-proxy's rules will do too:
    $ iptables-save | rulewright explain pod shop/web -f shop.yaml --dump -

  From a dump alone:
    $ nft list ruleset | rulewright explain 10.244.1.7 10.96.0.10:53 --proto udp --dump -

  Ask the daemon of this node:
    $ rulewright explain pod shop/web:http --from http://127.0.0.1:10249

${exitCodeHelp}`;

/** Adds description, arguments, flags and examples. */
export function describeExplain(command: Command): Command {
  command
    .usage('SRC DST[:PORT] [-f FILE|DIR|-] [--dump FILE|-] [--from URL] [options]')
    .summary('say what becomes of a packet, and why')
    .description(description);
  command.argument('<src>', 'who sends').argument('<dst>', 'what it is sent to');
  command
    .optionsGroup('The packet:')
    .option('--proto <tcp|udp|sctp>', "protocol (default: the Service port's, else tcp)")
    .option('--ip-family <ipv4|ipv6>', 'for names that stand for addresses of both families')
    .option('--interface <name>', 'interface that it arrives on (default: as a pod or a client has it)')
    .option('--remembered <address:port>', 'the endpoint that session affinity remembers for this client');
  addInputOptions(command);
  command
    .option('--dump <file>', 'iptables-save or nft list ruleset, from a file or - for standard input')
    .option('--from <url>', "debug address of a daemon, which answers instead: 'http://127.0.0.1:10249'");
  addNodeOptions(command);
  addKubeProxyOptions(command);
  addOutputOptions(command);
  return command.optionsGroup('Help:').helpOption('-h, --help', 'show this').addHelpText('after', examples);
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .option('--mode <iptables|nftables>', 'kind of rules to walk through (default: iptables)')
    .option('--layout <fast|kube-proxy>', 'of the rules in iptables mode (default: fast)')
    .option('-o, --output <text|json>', 'a tree for people, or the same as JSON (default: text)')
    .option('--strict', 'warnings about the input fail: exit code 1')
    .option('-v, --verbose', 'show diagnostics of severity info too')
    .option('--color <auto|always|never>', 'colours (default: auto, which honours NO_COLOR)');
}
