import { expect, it } from 'vitest';
import { file, show } from './samples.ts';
import { checkTypeNames } from './type-names.ts';

it.each(['interface Place {}', 'type Place = string;', 'class Place {}', 'abstract class Place<T> {}'])(
  'an exported type of the same name is found: %s',
  (declaration) => {
    const tree = [file('src/a.ts', 'export interface Place {}'), file('src/b.ts', `\nexport ${declaration}`)];
    expect(show(checkTypeNames(tree))).toEqual(['src/b.ts:2 exports a type Place, as src/a.ts does']);
  },
);

it('names that are private, only re-exported, not types, or outside src are free', () => {
  const tree = [
    file('src/a.ts', 'export interface Place {}'),
    file('src/b.ts', "interface Place {}\nexport type { Place } from './a.ts';\nexport const Place = 1;"),
    file('src/c.ts', 'export interface Places {}\n// export interface Place'),
    file('test/d.ts', 'export interface Place {}'),
  ];
  expect(checkTypeNames(tree)).toEqual([]);
});
