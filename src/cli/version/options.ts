/** The flags and the help of `version`. */
import { exitCodeHelp } from '../exit-codes.ts';
import type { CommandText } from '../flags/describe.ts';

export const versionText: CommandText = {
  summary: 'show the version',
  description: 'Shows the version, as `rulewright --version` does.',
  groups: { 'Output:': ['output'] },
  examples: `  For a script:
    $ rulewright version -o json | jq -r .version`,
  exitCodes: exitCodeHelp('the version was shown', 'standard output could not be written'),
};
