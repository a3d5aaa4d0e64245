import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readInputs } from '../../src/files/read-inputs.ts';
import { readStream } from '../../src/files/read-text.ts';
import { folderWith } from '../cli/run.ts';

async function problemWith(path: string): Promise<string | undefined> {
  return (await readInputs([path], false)).unreadable[0]?.problem;
}

describe('readInputs', () => {
  it('reads each file of a mounted ConfigMap once', async () => {
    const folder = folderWith({ '..2026_11_26_11/a.yaml': 'a: 1', '..2026_11_26_11/b.yaml': 'b: 1' });
    symlinkSync('..2026_11_26_11', join(folder, '..data'));
    for (const name of ['a.yaml', 'b.yaml']) symlinkSync(`..data/${name}`, join(folder, name));
    for (const recursive of [false, true]) {
      const { sources, unreadable } = await readInputs([folder], recursive);
      expect(unreadable).toEqual([]);
      expect(sources.map(({ text }) => text)).toEqual(['a: 1', 'b: 1']);
    }
  });

  it('reads a pipe to its end', async () => {
    const folder = folderWith({});
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = readInputs([pipe], false);
    // Not at once: opening a pipe waits for the reader.
    await writeFile(pipe, 'a: 1');
    expect((await reading).sources[0]?.text).toBe('a: 1');
  });

  it('looks at no pipes and folders that a directory holds, whatever they are called', async () => {
    const folder = folderWith({ 'a.yaml': 'a: 1' });
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    mkdirSync(join(folder, 'folder.yaml'));
    const { sources, unreadable } = await readInputs([folder], false);
    expect([sources.map(({ text }) => text), unreadable]).toEqual([['a: 1'], []]);
  });

  it('refuses what has no end, and names it', async () => {
    expect(await problemWith('/dev/zero')).toBe('it is a device, a pipe or a socket');
  });

  it('follows no link out of a directory, but reads what is named itself', async () => {
    const folder = folderWith({ 'env.yaml': 'SECRET=1', 'pr/a.yaml': 'a: 1' });
    symlinkSync('../env.yaml', join(folder, 'pr/b.yaml'));
    symlinkSync('/proc/self/environ', join(folder, 'pr/c.yaml'));
    const { sources, unreadable } = await readInputs([join(folder, 'pr')], true);
    expect(sources.map(({ text }) => text)).toEqual(['a: 1']);
    const problem = 'it is a link that leads out of the folder, and is not followed';
    expect(unreadable).toMatchObject([
      { code: 'input-refused', problem },
      { code: 'input-refused', problem },
    ]);
    symlinkSync(join(folder, 'pr'), join(folder, 'link'));
    expect((await readInputs([join(folder, 'pr/b.yaml')], true)).sources.map(({ text }) => text)).toEqual(['SECRET=1']);
    expect((await readInputs([join(folder, 'link')], true)).sources.map(({ text }) => text)).toEqual(['a: 1']);
  });

  it('says what a link leads to that is no file', async () => {
    const folder = folderWith({ 'a.yaml': '' });
    symlinkSync('nowhere', join(folder, 'b.yaml'));
    mkdirSync(join(folder, 'd'));
    symlinkSync('d', join(folder, 'c.yaml'));
    const { unreadable } = await readInputs([folder], false);
    expect(unreadable.map(({ problem }) => problem)).toEqual([
      'there is no such file or directory',
      'it is a directory',
    ]);
    renameSync(join(folder, 'a.yaml'), join(folder, 'nowhere'));
    expect((await readInputs([join(folder, 'b.yaml')], false)).unreadable).toEqual([]);
  });
});

describe('readStream', () => {
  it('gives up a stream that does not end', async () => {
    const silent = new Readable({ read: () => undefined });
    await expect(readStream(silent, 10_000, 20)).rejects.toMatchObject({ code: 'NO_END' });
  });

  it('stops at the limit', async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        while (true) {
          given += 1;
          yield Buffer.alloc(1000);
        }
      })(),
    );
    await expect(readStream(endless, 10_000)).rejects.toMatchObject({ code: 'ERR_FS_FILE_TOO_LARGE' });
    expect(given).toBeLessThan(100);
  });
});
