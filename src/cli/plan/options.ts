/** The flags and the help of `plan`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';
import { nodeGroup, rulesGroup } from '../flags/table.ts';

const description = `Shows the effects of a change before it is made: which callers lose or gain access to
which Service, which endpoints are added or removed, and what is risky.

OLD and NEW are files, directories or - (standard input). The command
traces packets of every kind of caller to every frontend, before and after: a Service
that is not listed treats every packet as before.`;

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
  summary: 'show the effects of a change before it is made',
  description,
  operands: { '[inputs...]': 'OLD and NEW, or NEW alone with --from, --live or --kubeconfig: file, directory or -' },
  groups: {
    'Input:': [
      'recursive',
      ['from', 'take OLD from the debug address of a running rulewright, such as http://127.0.0.1:10249'],
      'live',
      ['kubeconfig', 'read OLD from the cluster in this kubeconfig'],
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
    'a risk that --fail-on names, with --fail-on an object that could not be judged, an object left out, ' +
      'or an input that cannot be read; with --strict, also a warning',
  ),
};
