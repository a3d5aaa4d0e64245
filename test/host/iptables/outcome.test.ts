/** What iptables 1.8.9 of both variants said to texts that do not fit, word for word. */
import { expect, it } from 'vitest';
import { explainIptables } from '../../../src/host/iptables/outcome.ts';

const legacy = 'iptables-restore v1.8.9 (legacy): ';
const nft = 'iptables-nft-restore v1.8.9 (nf_tables): ';
const usage = "\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.";

const rule = (line: string): string => `*nat\n:C - [0:0]\n${line}\nCOMMIT\n`;

it.each([
  ['-A C -j KUBE-X', `${legacy}Couldn't load target \`KUBE-X':No such file or directory\n\nError occurred at line: 3`],
  ['-A NONE -j ACCEPT', 'iptables-restore: line 3 failed'],
  ['-A NONE -j ACCEPT', 'iptables-nft-restore: line 3 failed: No chain/target/match by that name.'],
  ['-X NONE', 'iptables-restore: line 3 failed'],
  ['-N C', 'iptables-nft-restore: line 3 failed: Chain already exists.'],
  ['-D C -p tcp -j ACCEPT', 'iptables-restore: line 3 failed'],
  [
    '-D C -p tcp -j ACCEPT',
    'iptables-nft-restore: line 3 failed: Bad rule (does a matching rule exist in that chain?).',
  ],
  ['-X C', `${nft}\nline 3: CHAIN_DEL failed (Device or resource busy): chain C`],
])('the base is wrong: %s: %s', (line, stderr) => {
  expect(explainIptables(stderr + usage.repeat(stderr.includes('occurred') ? 1 : 0), rule(line))).toEqual({
    reason: 'base',
    line: 3,
  });
});

it.each([
  ['-A C --bogus', `${legacy}unknown option "--bogus"\nError occurred at line: 3${usage}`, 3],
  ['-A C --bogus', `${nft}unknown option "--bogus"\nError occurred at line: 3${usage}`, 3],
  ['-A C -m bogus', `${nft}Couldn't load match \`bogus':No such file or directory\n\nError occurred at line: 3`, 3],
  ['-A C -d 1.2.3.999', `${legacy}host/network \`1.2.3.999' not found\nError occurred at line: 3${usage}`, 3],
  ['foo', `Bad argument \`foo'\nError occurred at line: 3${usage}`, 3],
  ['-A C -j REJECT', `${nft}\nline 3: RULE_APPEND failed (Invalid argument): rule in chain C`, 3],
  // The legacy variant sends all at once and knows no better than that it failed.
  ['-A C -j REJECT', 'iptables-restore: line 4 failed', undefined],
])('the text is refused: %s: %s', (line, stderr, number) => {
  const named = number === undefined ? {} : { line: number };
  expect(explainIptables(stderr, rule(line))).toEqual({ reason: 'refused', ...named });
});

it('names no line where the nft variant only finds out at the end that a chain is missing', () => {
  const stderr = `${nft}Chain 'KUBE-X' does not exist\nError occurred at line: 4${usage}`;
  expect(explainIptables(stderr, rule('-A C -j KUBE-X'))).toEqual({ reason: 'base' });
});

it.each([
  [
    `${legacy}iptables-restore: unable to initialize table 'nat'\nError occurred at line: 1`,
    { reason: 'tool', line: 1 },
  ],
  [`${nft}Could not fetch rule set generation id: Permission denied (you must be root)`, { reason: 'tool' }],
  ["Fatal: can't open lock file /run/xtables.lock: Permission denied", { reason: 'tool' }],
  ['Another app is currently holding the xtables lock. Stopped waiting after 1s.', { reason: 'lock' }],
  [
    "Can't lock /run/lock: Resource temporarily unavailable\nAnother app is currently holding the xtables lock.",
    { reason: 'lock' },
  ],
])('it is not the text: %s', (stderr, expected) => {
  expect(explainIptables(stderr, rule('-A C -j ACCEPT'))).toEqual(expected);
});
