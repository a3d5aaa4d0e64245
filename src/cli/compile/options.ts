/** The flags of `compile` as commander and --help know them. What their values mean is read in flags.ts. */
import type { Command } from 'commander';
import { exitCodeHelp } from '../exit-codes.ts';
import { collect } from '../flags/texts.ts';

const description = `Compiles Services and EndpointSlices from files into the netfilter rules of a node.

The rules go to standard output as complete input for iptables-restore or
ip6tables-restore, jumps from the built-in chains included, or for nft -f.
Diagnostics go to standard error. An object that cannot be used is left out
alone, by name.`;

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

  Both families for nftables, in one script:
    $ rulewright compile -f manifests/ --mode nftables > rules.nft \\
        && nft -f rules.nft

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

const diffDescription = `Shows the transaction that would take a node from the rules of OLD to those of
NEW: exactly what would be sent to iptables-restore --noflush or nft -f.

OLD and NEW are files, directories or - (standard input), compiled like the
input of \`rulewright compile\`. Nothing is printed where nothing changes.`;

const diffExamples = `
Examples:
  What changes on node-1 when the new manifests are applied:
    $ rulewright diff main/ branch/ --hostname-override node-1 --mode nftables

  How much changes, for a script:
    $ rulewright diff old.yaml new.yaml -o json | jq '.families.IPv4.summary'

${exitCodeHelp}`;

/** The same for `diff`, whose input is two arguments. */
export function describeDiff(command: Command): Command {
  command.summary('show what would be sent to get from one input to another').description(diffDescription);
  command.argument('<old>', 'file, directory or -').argument('<new>', 'file, directory or -');
  command.optionsGroup('Input:').option('-R, --recursive', 'look into the folders of directories too');
  addNodeOptions(command);
  addKubeProxyOptions(command);
  addOutputOptions(command);
  return command.optionsGroup('Help:').helpOption('-h, --help', 'show this').addHelpText('after', diffExamples);
}

/** Where objects come from. */
export function addInputOptions(command: Command): void {
  command
    .optionsGroup('Input:')
    .option(
      '-f, --filename <path...>',
      'YAML or JSON file, directory (its *.yaml, *.yml and *.json), or - for standard input; may be repeated',
    )
    .option('-R, --recursive', 'look into the folders of directories too')
    .option('--kubeconfig <file>', 'the cluster that this file leads to, instead of files');
}

/** Which node is meant. Shared by all commands that compile, like the flags below. */
export function addNodeOptions(command: Command): void {
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

/** What shapes rules, under the names that kube-proxy has for it. */
export function addKubeProxyOptions(command: Command): void {
  command
    .optionsGroup("Rules, with kube-proxy's own flags:")
    .option('--config <file>', 'KubeProxyConfiguration; the flags of this group are then ignored, as kube-proxy does')
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
      'where NodePorts answer, or primary; may be repeated (default: all local addresses; primary for nftables)',
      collect,
    )
    .option('--iptables-localhost-nodeports [bool]', 'NodePorts answer on 127.0.0.0/8 too (default: true)')
    .option('--iptables-masquerade-bit <0-31>', 'bit of the packet mark that asks for masquerading (default: 14)')
    .option('--conntrack-tcp-be-liberal [bool]', 'let packets pass that conntrack calls INVALID (default: false)')
    .option('--proxy-mode <iptables|nftables>', 'the same as --mode');
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .option('--mode <iptables|nftables>', 'kind of rules (default: iptables)')
    .option(
      '--ip-family <ipv4|ipv6|both>',
      'which rules; in iptables mode both together are for reading only (default: ipv4; both for nftables and json)',
    )
    .option(
      '--layout <fast|kube-proxy>',
      'fast: a tree of addresses and few chains; kube-proxy: its linear list and its chains (default: fast)',
    )
    .option(
      '-o, --output <rules|json>',
      'text for nft or iptables-restore, or all that was made and found as JSON (default: rules)',
    )
    .option('--strict', 'warnings fail: exit code 1')
    .option('-v, --verbose', 'show diagnostics of severity info too')
    .option('--color <auto|always|never>', 'colours on standard error (default: auto, which honours NO_COLOR)');
}
