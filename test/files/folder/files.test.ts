import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type FolderFiles, readFiles } from '../../../src/files/folder/files.ts';
import { service } from '../../cli/manifests.ts';
import { folderWith } from '../../cli/run.ts';

const nothing: FolderFiles = { files: new Map(), missing: new Set() };

it('a file that is renamed away keeps its objects for one look, and is then gone', async () => {
  const path = join(folderWith({ 'a.yaml': service('web', '10.96.0.10') }), 'a.yaml');
  const first = await readFiles([path], nothing);
  await rename(path, `${path}~`);
  for (const listed of [[], [path]]) {
    const second = await readFiles(listed, first);
    expect(second.files.get(path)).toBe(first.files.get(path));
    expect([...second.missing]).toEqual([path]);
    expect(await readFiles(listed, second)).toEqual(nothing);

    await writeFile(path, service('web', '10.96.0.11'));
    const third = await readFiles([path], second);
    expect([third.missing.size, third.files.get(path)?.manifests.length]).toEqual([0, 1]);
    expect(third.files.get(path)).not.toBe(first.files.get(path));
    await rename(path, `${path}~`);
  }
});

it('a file that was not written keeps its very objects', async () => {
  const path = join(folderWith({ 'a.yaml': service('web', '10.96.0.10') }), 'a.yaml');
  const first = await readFiles([path], nothing);
  expect((await readFiles([path], first)).files.get(path)).toBe(first.files.get(path));
});

it('a file that cannot be read is tried again although nobody writes it', async () => {
  const path = join(folderWith({ 'a.yaml': Uint8Array.of(0xff) }), 'a.yaml');
  const first = await readFiles([path], nothing);
  expect(first.files.get(path)).toMatchObject({ isUnread: true, troubles: [`${path}: it is not UTF-8 text`] });
  expect((await readFiles([path], first)).files.get(path)).not.toBe(first.files.get(path));
});
