/** What nft 1.0.6 and Linux 6.18 said to texts that do not fit, word for word. */
import { expect, it } from 'vitest';
import { explainNft } from '../../../src/host/nft/outcome.ts';

it.each([
  ['add rule ip rulewright c accept', '1:13-22: Error: Could not process rule: No such file or directory', 'base', 1],
  ['add set ip rulewright s', '1:23-23: Error: Could not process rule: File exists', 'base', 1],
  ['delete chain ip rulewright c', '2:28-28: Error: Could not process rule: Device or resource busy', 'base', 2],
  [
    'delete set ip rulewright nos',
    '1:26-28: Error: No such file or directory; did you mean set ‘s’ in table ip ‘rulewright’?',
    'base',
    1,
  ],
  ['add rule ip rulewright c bogus', '7:31-31: Error: syntax error, unexpected newline', 'refused', 7],
  ['add rule … tcp dport 70000', '3:36-40: Error: Service out of range', 'refused', 3],
  ['add rule … masquerade', '2:1-36: Error: Could not process rule: Operation not supported', 'refused', 2],
  ['add rule … counter', '2:1-36: Error: Could not process rule: Numerical result out of range', 'refused', 2],
  ['add element … { 1.2.3.4 }', '1:1-9: Error: Could not process rule: No buffer space available', 'tool', 1],
] as const)('%s: %s', (text, said, reason, line) => {
  const stderr = `/dev/stdin:${said}\n${text}\n            ^^^^^^^^^^\n`;
  expect(explainNft(stderr)).toEqual({ reason, line });
});

it('takes a missing capability, and whatever names no line, for the program', () => {
  const stderr = 'netlink: Error: cache initialization failed: Operation not permitted\n';
  expect(explainNft(stderr)).toEqual({ reason: 'tool' });
});

it('does not take words of the text for words of nft', () => {
  const text = 'add rule ip rulewright c comment "File exists" bogus';
  const stderr = `/dev/stdin:1:31-31: Error: syntax error, unexpected string\n${text}\n`;
  expect(explainNft(stderr)).toEqual({ reason: 'refused', line: 1 });
});
