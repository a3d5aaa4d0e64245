import { expect, it } from 'vitest';
import { splitWords } from '../../../../src/core/iptables/listing/tokens.ts';

// Each of these was given to iptables-restore 1.8.9 as the words of a comment.
it.each<readonly [string, readonly string[] | undefined]>([
  ['-A X  -j\tY ', ['-A', 'X', '-j', 'Y']],
  ['"two words"', ['two words']],
  ['""', ['']],
  [String.raw`"say \"hi\" \\ \'q\'"`, [`say "hi" \\ 'q'`]],
  [String.raw`fo\o'b`, [String.raw`fo\o'b`]],
  ['foo"bar baz"', ['foobar baz']],
  ['"foo"bar', ['foo', 'bar']],
  ['"open', undefined],
  [String.raw`"open\"`, undefined],
  ['', []],
])('the words of <%s>', (line, words) => {
  expect(splitWords(line)).toStrictEqual(words);
});
