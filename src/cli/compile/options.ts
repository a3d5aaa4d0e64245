/** The flags and the help of `compile`. */
import { usualExitCodes } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { inputFlags, nodeGroup, rulesGroup, rulesOutput } from '../flags/table.ts';

const description = `Compiles Services and EndpointSlices from files into the netfilter rules of a node.

The rules go to standard output as complete input for iptables-restore or
ip6tables-restore, jumps from the built-in chains included, or for nft -f.
Diagnostics go to standard error. An invalid object is skipped and named;
everything else still works.`;

const examples = `  Rules for the node node-1, from files:
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

  In CI, where a warning must fail:
    $ rulewright compile -f manifests/ --recursive --strict > /dev/null

  What was decided for a Service, before it became rules:
    $ rulewright compile -f shop.yaml -o json | jq '.families.IPv4.plan.servicePorts[0]'`;

export const compileText: CommandText = {
  usage: '-f FILE|DIR|- [options]',
  summary: 'compile Services and EndpointSlices from files into rules',
  description,
  groups: { 'Input:': inputFlags, ...nodeGroup, ...rulesGroup, ...rulesOutput },
  examples,
  exitCodes: usualExitCodes,
};
