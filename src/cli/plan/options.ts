/** The flags and the help of `plan`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { nodeGroup, rulesGroup } from '../flags/table.ts';

const description = `Shows what a change means for people before it is made: who can no longer reach
which Service, who newly can, which endpoints come and go, and what is risky.

OLD and NEW are files, directories or - (standard input). The answer is found by
sending every kind of caller to every frontend, in the old plan and in the new
one: a Service that is not mentioned treats every packet as it did.`;

const examples = `  Is this change safe, for node-1?
    $ rulewright plan main/ branch/ --hostname-override node-1

  For every node of the cluster, as a comment on a pull request:
    $ rulewright plan main/ branch/ --all-nodes -o markdown > comment.md

  In CI: fail when a risk is high, or when anything is opened to the world
    $ rulewright plan main/ branch/ --fail-on high,opened-to-world

  What applying a file would change on a running node:
    $ rulewright plan --from http://127.0.0.1:10249 --overlay web.yaml
    $ rulewright plan --live --hostname-override node-1 --overlay web.yaml`;

export const planText: CommandText = {
  usage: '[options] OLD NEW',
  summary: 'show what a change means for people, before it is made',
  description,
  operands: { '[inputs...]': 'OLD and NEW, or NEW alone with --from, --live or --kubeconfig: file, directory or -' },
  groups: {
    'Input:': [
      'recursive',
      ['from', 'take OLD from the debug address of a running rulewright, such as http://127.0.0.1:10249'],
      'live',
      ['kubeconfig', 'take OLD from the cluster that this file leads to'],
      'overlay',
    ],
    'The node:': [...nodeGroup['The node:'], 'all-nodes'],
    ...rulesGroup,
    'Output:': [
      'mode',
      ['ip-family', 'which family (default: both)'],
      ['layout', 'shape of the iptables rules that are counted (default: fast)'],
      ['output', 'for a terminal, a pull request or a program (default: text)', '<text|markdown|json>'],
      'fail-on',
      ['strict', 'warnings about inputs fail: exit code 1'],
      'verbose',
      'color',
    ],
  },
  examples,
  exitCodes: exitCodeHelp(
    'the plan was made; risks alone do not fail',
    'a risk that --fail-on names, an object left out, or an input that cannot be read; with --strict, also a warning',
  ),
};
