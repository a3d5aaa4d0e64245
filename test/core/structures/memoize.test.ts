import { describe, expect, it } from 'vitest';
import { memoize } from '../../../src/core/structures/memoize.ts';

interface Text {
  readonly text: string;
}

describe('memoize', () => {
  it('computes once for each value, by identity', () => {
    const computed: string[] = [];
    const lengthOf = memoize(({ text }: Text) => computed.push(text));
    const [a, b] = [{ text: 'x' }, { text: 'x' }];
    expect([lengthOf(a), lengthOf(a), lengthOf(b)]).toEqual([1, 1, 2]);
  });

  it('remembers undefined too', () => {
    let times = 0;
    const nothing = memoize((_: Text) => {
      times += 1;
      return undefined;
    });
    const value = { text: '' };
    expect([nothing(value), nothing(value), times]).toEqual([undefined, undefined, 1]);
  });

  it('updates the result of one value for the next one', () => {
    const computed: string[] = [];
    const wordsOf = memoize(({ text }: Text) => {
      computed.push(text);
      return new Set(text.split(' '));
    });
    const [before, after] = [{ text: 'a b' }, { text: 'a b c' }];
    wordsOf(before);
    wordsOf.inherit(before, after, (words) => words.add('c'));
    expect(wordsOf(after)).toEqual(new Set(['a', 'b', 'c']));
    expect(wordsOf(before)).toEqual(new Set(['a', 'b']));
    expect(computed).toEqual(['a b', 'a b']);
  });

  it('inherits nothing if the old value has no result, or the new one has', () => {
    const textOf = memoize(({ text }: Text) => text);
    const [before, after] = [{ text: 'before' }, { text: 'after' }];
    const wrong = (): string => 'wrong';
    textOf.inherit(before, after, wrong);
    expect(textOf(after)).toBe('after');
    textOf(before);
    textOf.inherit(before, after, wrong);
    textOf.inherit(before, before, wrong);
    expect([textOf(before), textOf(after)]).toEqual(['before', 'after']);
  });
});
