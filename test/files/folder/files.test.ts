import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { type FolderFiles, readFiles } from '../../../src/files/folder/files.ts';
import { service } from '../../cli/manifests.ts';
import { folderWith } from '../../cli/run.ts';

/** As folders are listed: with the folder's real path. */
const listing = (...files: readonly string[]) => ({ root: realpathSync(dirname(files[0] ?? '/')), files });

const nothing: FolderFiles = { files: new Map(), missing: new Set() };

it('a file that is renamed away keeps its objects for one look, and is then gone', async () => {
  const path = join(folderWith({ 'a.yaml': service('web', '10.96.0.10') }), 'a.yaml');
  const first = await readFiles(listing(path), nothing);
  await rename(path, `${path}~`);
  for (const listed of [[], [path]]) {
    const second = await readFiles(listing(...listed), first);
    expect(second.files.get(path)).toBe(first.files.get(path));
    expect([...second.missing]).toEqual([path]);
    expect(await readFiles(listing(...listed), second)).toEqual(nothing);

    await writeFile(path, service('web', '10.96.0.11'));
    const third = await readFiles(listing(path), second);
    expect([third.missing.size, third.files.get(path)?.manifests.length]).toEqual([0, 1]);
    expect(third.files.get(path)).not.toBe(first.files.get(path));
    await rename(path, `${path}~`);
  }
});

it('a file that was not written keeps its very objects', async () => {
  const path = join(folderWith({ 'a.yaml': service('web', '10.96.0.10') }), 'a.yaml');
  const first = await readFiles(listing(path), nothing);
  expect((await readFiles(listing(path), first)).files.get(path)).toBe(first.files.get(path));
});

it('a file that cannot be read is tried again although nobody writes it', async () => {
  const path = join(folderWith({ 'a.yaml': Uint8Array.of(0xff) }), 'a.yaml');
  const first = await readFiles(listing(path), nothing);
  expect(first.files.get(path)).toMatchObject({ isUnread: true, troubles: [`${path}: it is not UTF-8 text`] });
  expect((await readFiles(listing(path), first)).files.get(path)).not.toBe(first.files.get(path));
});

it('a link out of the folder, or to what is no file, is not followed and holds nothing up', async () => {
  const folder = folderWith({
    'inside/a.yaml': service('web', '10.96.0.10'),
    'outside.yaml': service('x', '10.96.0.11'),
  });
  const inside = join(folder, 'inside');
  const pathOf = (name: string): string => join(inside, name);
  execFileSync('mkfifo', [pathOf('pipe')]);
  mkdirSync(pathOf('..data'));
  await writeFile(pathOf('..data/d.yaml'), service('d', '10.96.0.12'));
  symlinkSync('../outside.yaml', pathOf('b.yaml'));
  symlinkSync('pipe', pathOf('c.yaml'));
  symlinkSync('..data/d.yaml', pathOf('d.yaml'));
  symlinkSync('/proc/kmsg', pathOf('e.yaml'));
  const { files } = await readFiles(
    listing(...['a', 'b', 'c', 'd', 'e'].map((name) => pathOf(`${name}.yaml`))),
    nothing,
  );
  const found = [...files.values()].map(({ manifests, troubles, isUnread }) => [
    manifests.length,
    isUnread,
    ...troubles,
  ]);
  const isOut = 'it is a link that leads out of the folder, and is not followed';
  expect(found).toEqual([
    [1, false],
    [0, false, `${pathOf('b.yaml')}: ${isOut}`],
    [0, false, `${pathOf('c.yaml')}: it is a device, a pipe or a socket`],
    [1, false],
    [0, false, `${pathOf('e.yaml')}: ${isOut}`],
  ]);
});
