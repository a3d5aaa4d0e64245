import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedPlaces, diffLines } from '../../scripts/quickstart-lib/line-diff.ts';

const seed = 20_261_123;
const lines = fc.array(
  fc.record({ place: fc.constantFrom('nat A', 'nat B', 'filter A'), text: fc.constantFrom('x', 'y', 'z') }),
  { maxLength: 12 },
);

test('without the added lines a difference is the old text, without the removed ones the new text', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = diffLines(before, after);
      const without = (sign: string) =>
        diff.filter((line) => line.sign !== sign).map(({ place, text }) => ({ place, text }));
      expect(without('+')).toEqual(before);
      expect(without('-')).toEqual(after);
    }),
    { seed },
  );
});

test('a text does not differ from itself', () => {
  fc.assert(
    fc.property(lines, (text) => {
      expect(changedPlaces(diffLines(text, text)).size).toBe(0);
    }),
    { seed },
  );
});

test('changes are shown by chain, with their neighbours', () => {
  const chain = (...texts: string[]) => texts.map((text) => ({ place: 'nat A', text }));
  const shown = changedPlaces(diffLines(chain('1', '2', '3', '4', '5'), chain('1', '2', '4', '5')));
  expect([...shown].map(([place, each]) => [place, ...each.map(({ sign, text }) => `${sign}${text}`)])).toEqual([
    ['nat A', ' 2', '-3', ' 4'],
  ]);
});
