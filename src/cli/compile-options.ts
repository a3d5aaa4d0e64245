/** The flags of `compile` as commander and --help know them. What their values mean is read in flags.ts. */
import type { Command } from 'commander';
import { exitCodeHelp } from './exit-codes.ts';

const description = `Compiles Services and EndpointSlices from files into the netfilter rules of a node.

The rules go to standard output as complete input for iptables-restore or
ip6tables-restore, jumps from the built-in chains included. Diagnostics go to
standard error. An object that cannot be used is left out alone, by name.`;

const examples = `
Examples:
  Rules for the node node-1, from files:
    $ rulewright compile -f shop.yaml -f node-1.yaml --cluster-cidr 10.244.0.0/16

  From a cluster, for the node node-1, into a kernel:
    $ kubectl get services,endpointslices,nodes -A -o json \\
        | rulewright compile -f - --hostname-override node-1 > rules \\
        && iptables-restore < rules

  The IPv6 half, for ip6tables-restore:
    $ rulewright compile -f manifests/ --ip-family ipv6 > rules6

  In CI, where a warning must not pass:
    $ rulewright compile -f manifests/ --recursive --strict > /dev/null

  What was decided for a Service, before it became rules:
    $ rulewright compile -f shop.yaml -o json | jq '.families.IPv4.plan.servicePorts[0]'

${exitCodeHelp}`;

/** Adds description, flags and examples. */
export function describeCompile(command: Command): Command {
  command
    .usage('-f FILE|DIR|- [options]')
    .summary('compile Services and EndpointSlices from files into rules')
    .description(description);
  addInputOptions(command);
  addNodeOptions(command);
  addKubeProxyOptions(command);
  addOutputOptions(command);
  return command.optionsGroup('Help:').helpOption('-h, --help', 'show this').addHelpText('after', examples);
}

function addInputOptions(command: Command): void {
  command
    .optionsGroup('Input:')
    .option(
      '-f, --filename <path...>',
      'YAML or JSON file, directory (its *.yaml, *.yml and *.json), or - for standard input; may be repeated',
    )
    .option('-R, --recursive', 'look into the folders of directories too');
}

function addNodeOptions(command: Command): void {
  command
    .optionsGroup('The node:')
    .option(
      '--hostname-override <name>',
      "name of the node that the rules are for (default: the only Node in the input, else this machine's name)",
    )
    .option(
      '--node-ip <ip...>',
      "the node's addresses, the primary one of each family first; overrides the Node object's",
    )
    .option('--zone <zone>', "the node's topology.kubernetes.io/zone; overrides the Node object's");
}

function addKubeProxyOptions(command: Command): void {
  command
    .optionsGroup("Rules, with kube-proxy's own flags:")
    .option('--cluster-cidr <cidr,...>', 'addresses of all pods, at most one block of each IP family')
    .option(
      '--detect-local-mode <mode>',
      'how pods of this node are recognized: ClusterCIDR (default), NodeCIDR, BridgeInterface or InterfaceNamePrefix',
    )
    .option('--pod-bridge-interface <name>', 'the bridge of the pods, for BridgeInterface')
    .option('--pod-interface-name-prefix <prefix>', "what pods' interfaces begin with, for InterfaceNamePrefix")
    .option('--masquerade-all [bool]', 'masquerade all traffic to cluster IPs (default: false)')
    .option(
      '--nodeport-addresses <cidr,...>',
      "where NodePorts answer, or the word primary; may be repeated (default: on all of the node's addresses)",
      collect,
    )
    .option('--iptables-localhost-nodeports [bool]', 'NodePorts answer on 127.0.0.0/8 too (default: true)')
    .option('--iptables-masquerade-bit <0-31>', 'bit of the packet mark that asks for masquerading (default: 14)')
    .option('--conntrack-tcp-be-liberal [bool]', 'let packets pass that conntrack calls INVALID (default: false)')
    .option('--proxy-mode <iptables>', 'the same as --mode');
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .option('--mode <iptables>', 'kind of rules (default: iptables)')
    .option(
      '--ip-family <ipv4|ipv6|both>',
      'which rules; both together are for reading, no restore program accepts them (default: ipv4, both for json)',
    )
    .option(
      '--layout <fast|kube-proxy>',
      'fast: a tree of addresses and few chains; kube-proxy: its linear list and its chains (default: fast)',
    )
    .option('-o, --output <rules|json>', 'rules, or plan, ruleset, text and diagnostics as JSON (default: rules)')
    .option('--strict', 'warnings fail: exit code 1')
    .option('-v, --verbose', 'show diagnostics of severity info too')
    .option('--color <auto|always|never>', 'colours on standard error (default: auto, which honours NO_COLOR)');
}

/** Values of a flag given several times. */
function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
