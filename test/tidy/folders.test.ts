import { expect, it } from 'vitest';
import { checkFolders, maxFolderFiles } from './folders.ts';
import { file, show } from './samples.ts';

const filesIn = (folder: string, count: number) => Array.from({ length: count }, (_, i) => file(`${folder}f${i}.ts`));

it.each(Object.entries(maxFolderFiles))('a folder in %s holds at most %i files', (room, most) => {
  expect(checkFolders(filesIn(`${room}x/`, most))).toEqual([]);
  expect(show(checkFolders(filesIn(`${room}x/`, most + 1)))).toEqual([
    `${room}x/:1 ${most + 1} files in one folder, at most ${most}`,
  ]);
});

it('only TypeScript counts, and subfolders count for themselves', () => {
  const data = Array.from({ length: 100 }, (_, i) => file(`test/x/${i}.json`));
  const tree = [...data, ...filesIn('src/x/', 20), ...filesIn('src/x/a/', 20), ...filesIn('golden/x/', 100)];
  expect(checkFolders(tree)).toEqual([]);
});
