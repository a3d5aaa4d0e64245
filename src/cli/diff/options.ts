/** The flags and the help of `diff`. */
import { usualExitCodes } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { nodeGroup, rulesGroup, rulesOutput } from '../flags/table.ts';

const description = `Shows the transaction that changes a node's rules from OLD to NEW: exactly what
would be sent to iptables-restore --noflush or nft -f.

OLD and NEW are files, directories or - (standard input), compiled like the
input of \`rulewright compile\`. The output is empty if nothing changes.`;

const examples = `  What changes on node-1 when the new manifests are applied:
    $ rulewright diff main/ branch/ --hostname-override node-1 --mode nftables

  How much changes, for a script:
    $ rulewright diff old.yaml new.yaml -o json | jq '.families.IPv4.summary'`;

export const diffText: CommandText = {
  summary: 'show what would be sent to get from one input to another',
  description,
  operands: { '<old>': 'file, directory or -', '<new>': 'file, directory or -' },
  groups: { 'Input:': ['recursive'], ...nodeGroup, ...rulesGroup, ...rulesOutput },
  examples,
  exitCodes: usualExitCodes,
};
