/** The source on real folders, with what editors, copies and mounted ConfigMaps do to them. */
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptySnapshot, reduce } from '../../../src/core/snapshot/snapshot.ts';
import type { ObservedChange, SourceSink } from '../../../src/core/snapshot/source.ts';
import { findIn, keysIn } from '../../../src/core/structures/shards.ts';
import { type FolderSourceOptions, folderSource } from '../../../src/files/folder/source.ts';
import { badPort, node, service, shop, slice } from '../../cli/manifests.ts';
import { folderWith } from '../../cli/run.ts';
import { until } from '../../support/until.ts';

/** A source that runs until the test ends, and all that it says. `pollMs`: so long that only watching can help. */
function follow(folder: string, pollMs = 60_000, more: FolderSourceOptions = {}) {
  let snapshot = emptySnapshot;
  const batches: (readonly ObservedChange[])[] = [];
  const messages: string[] = [];
  const synced: string[] = [];
  const diagnosed = new Map<string, readonly string[]>();
  const sink: SourceSink = {
    changed: (changes) => {
      batches.push(changes);
      snapshot = reduce(
        snapshot,
        changes.map(({ event }) => event),
      );
    },
    diagnosed: (kind, key, list) =>
      diagnosed.set(
        `${kind} ${key}`,
        list.map(({ code, problem }) => `${code}: ${problem}`),
      ),
    synced: (kind) => synced.push(kind),
    progress: ({ severity, message }) => messages.push(`${severity}: ${message}`),
  };
  const source = folderSource(folder, { quietMs: 20, pollMs, ...more });
  const running = source.start(sink);
  onTestFinished(() => running.stop());
  return {
    batches,
    messages,
    synced,
    diagnosed,
    running,
    snapshot: () => snapshot,
    /** What the last batch did, like `set Service web`. */
    lastBatch: () =>
      batches
        .at(-1)
        ?.map(({ event }) =>
          event.type === 'set'
            ? `set ${event.manifest.kind} ${event.manifest.object.name}`
            : `delete ${event.kind} ${event.key}`,
        ),
  };
}

/** Waits until the source has read everything once. */
async function followed(folder: string, pollMs?: number) {
  const following = follow(folder, pollMs);
  await until(() => expect(following.synced).toHaveLength(4));
  return following;
}

const web = service('web', '10.96.0.10');

describe('a folder', () => {
  it('is read once, with the folders in it, and then synced', async () => {
    const folder = folderWith({
      'shop.yaml': shop,
      'deep/er/node.json': '{"apiVersion":"v1","kind":"List","items":[]}',
      'notes.txt': 'x',
    });
    const { batches, synced, lastBatch, messages } = await followed(folder);
    expect(batches).toHaveLength(1);
    expect(lastBatch()).toEqual(['set Service web', 'set EndpointSlice web-1']);
    expect(synced).toEqual(['Service', 'EndpointSlice', 'Node', 'ServiceCIDR']);
    expect(messages).toEqual([`info: ${folder}: read (files: 2, objects: 2)`]);
  });

  it('is followed: only what differs is told, and all else keeps its identity', async () => {
    const folder = folderWith({ 'shop.yaml': `${web}---\n${service('old', '10.96.0.12')}` });
    const following = await followed(folder);
    const before = findIn(following.snapshot().services, 'shop/web');
    await writeFile(join(folder, 'shop.yaml'), `# edited\n${service('new', '10.96.0.11')}---\n${web}`);
    await until(() => expect(following.lastBatch()).toEqual(['set Service new', 'delete Service shop/old']));
    expect(findIn(following.snapshot().services, 'shop/web')).toBe(before);
    await mkdir(join(folder, 'more'));
    await writeFile(join(folder, 'more/node.yaml'), node('node-1', '192.168.0.1'));
    await until(() => expect(following.lastBatch()).toEqual(['set Node node-1']));
    await writeFile(join(folder, 'more/slice.yaml'), slice('web', '10.244.1.5'));
    await until(() => expect(following.lastBatch()).toEqual(['set EndpointSlice web-1']));
    await rm(join(folder, 'more'), { recursive: true });
    await until(() => expect(following.lastBatch()).toEqual(['delete Node node-1', 'delete EndpointSlice shop/web-1']));
    expect(following.messages.filter((message) => !message.startsWith('info'))).toEqual([]);
  });

  it('may be moved from one file to another without anything being told', async () => {
    const folder = folderWith({ 'a.yaml': web });
    const { batches, messages } = await followed(folder);
    await rename(join(folder, 'a.yaml'), join(folder, 'b.yaml'));
    await writeFile(join(folder, 'c.yaml'), '[broken');
    // The broken file is seen after the move.
    await until(() => expect(messages.join()).toContain('c.yaml'));
    expect(batches).toHaveLength(1);
  });

  it('of a mounted ConfigMap changes all at once, by one link', async () => {
    const folder = folderWith({ '..v1/a.yaml': web, '..v2/a.yaml': service('web', '10.96.0.99') });
    await symlink('..v1', join(folder, '..data'));
    await symlink('..data/a.yaml', join(folder, 'a.yaml'));
    const { lastBatch, batches, snapshot } = await followed(folder);
    await symlink('..v2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await until(() => expect(batches).toHaveLength(2));
    expect(lastBatch()).toEqual(['set Service web']);
    expect(findIn(snapshot().services, 'shop/web')?.clusterIps.IPv4).toBe('10.96.0.99');
  });

  it('is followed by looking now and then where no change is announced', async () => {
    const folder = folderWith({ '..behind/web.yaml': web });
    await symlink('..behind/web.yaml', join(folder, 'a.yaml'));
    const { lastBatch } = await followed(folder, 30);
    await writeFile(join(folder, '..behind/web.yaml'), service('other', '10.96.0.11'));
    await until(() => expect(lastBatch()).toEqual(['set Service other', 'delete Service shop/web']));
  });

  it('that is not there yet is waited for', async () => {
    const folder = join(folderWith({}), 'later');
    const following = follow(folder, 30);
    await until(() => expect(following.messages[0]).toContain('later: there is no such file or directory'));
    expect(following.synced).toEqual([]);
    await mkdir(folder);
    await writeFile(join(folder, 'a.yaml'), web);
    await until(() => expect(keysIn(following.snapshot().services).length).toBe(1));
    await until(() => expect(following.synced).toHaveLength(4));
    await rm(folder, { recursive: true });
    await until(() => expect(following.messages.filter((each) => each.startsWith('error'))).toHaveLength(2));
    expect(keysIn(following.snapshot().services).length).toBe(1);
  });

  it('is left alone after stop', async () => {
    const folder = folderWith({ 'a.yaml': web });
    const { running, batches, messages } = await followed(folder, 5);
    await running.stop();
    const before = [batches.length, messages.length];
    await rm(join(folder, 'a.yaml'));
    const { synced } = follow(folder, 60_000, { allowEmpty: true });
    await until(() => expect(synced).toHaveLength(4));
    expect([batches.length, messages.length]).toEqual(before);
  });
});

describe('a file', () => {
  it('that is half written keeps its objects until it is whole', async () => {
    const folder = folderWith({ 'a.yaml': `${web}---\n${service('two', '10.96.0.11')}` });
    const path = join(folder, 'a.yaml');
    const { messages, batches, lastBatch, snapshot } = await followed(folder);
    await writeFile(path, `${web}---\nkind: [Service`);
    await until(() =>
      expect(messages.at(-1)).toMatch(/^error: .*a\.yaml:12:14: .*; its objects stay as they were \(2\)$/),
    );
    await truncate(path);
    await until(() => expect(messages.at(-1)).toContain('it is empty; delete the file if that is meant'));
    await writeFile(path, Uint8Array.of(0xff));
    await until(() => expect(messages.at(-1)).toContain('it is not UTF-8 text'));
    expect([batches.length, keysIn(snapshot().services).length]).toEqual([1, 2]);
    await writeFile(path, web);
    await until(() => expect(lastBatch()).toEqual(['delete Service shop/two']));
    expect(messages.at(-1)).toBe(`info: ${path}: nothing is wrong with it any more`);
  });

  it('that cannot be read, or lacks objects, at the start holds everything back', async () => {
    const page = JSON.stringify({ kind: 'ServiceList', apiVersion: 'v1', metadata: { continue: 'x' }, items: [] });
    const folder = folderWith({ 'a.yaml': web, 'b.json': page });
    const { messages, synced, batches } = follow(folder);
    await until(() => expect(messages[0]).toMatch(/^error: .*b\.json:1:\d+: /));
    expect(synced).toEqual([]);
    await writeFile(join(folder, 'b.json'), '{"kind":"ServiceList","apiVersion":"v1","items":[]}');
    await until(() => expect(synced).toHaveLength(4));
    expect(batches).toHaveLength(1);
  });

  it('with a broken document at the start gives the others', async () => {
    const folder = folderWith({ 'a.yaml': `${web}---\nkind: [Service\n---\nno: kind\n` });
    const { messages, snapshot } = await followed(folder);
    expect(keysIn(snapshot().services).length).toBe(1);
    expect(messages.filter((message) => /^error: .*a\.yaml:\d+:\d+: /.test(message))).toHaveLength(2);
  });
});

describe('an object', () => {
  it('has its diagnostics with file and line, and loses them again', async () => {
    const folder = folderWith({ 'a.yaml': badPort });
    const { diagnosed, snapshot } = await followed(folder);
    const said = () => diagnosed.get('Service shop/broken')?.join('\n');
    expect(said()).toMatch(/^number-invalid: .*\(.*a\.yaml:10:13\)/);
    await writeFile(join(folder, 'a.yaml'), badPort.replace('70000', '80'));
    await until(() => expect(said()).toBe(''));
    expect(findIn(snapshot().services, 'shop/broken')?.ports).toHaveLength(1);
  });

  it('that two files have is taken from the first, which is said', async () => {
    const folder = folderWith({ 'a.yaml': web, 'b.yaml': service('web', '10.96.0.99') });
    const { diagnosed, snapshot, lastBatch } = await followed(folder);
    expect(findIn(snapshot().services, 'shop/web')?.clusterIps.IPv4).toBe('10.96.0.10');
    expect(diagnosed.get('Service shop/web')?.[0]).toMatch(/first in .*a\.yaml; the one in .*b\.yaml was left out$/);
    await rm(join(folder, 'a.yaml'));
    await until(() => expect(findIn(snapshot().services, 'shop/web')?.clusterIps.IPv4).toBe('10.96.0.99'));
    expect(lastBatch()).toEqual(['set Service web']);
    expect(diagnosed.get('Service shop/web')).toEqual([]);
  });
});

describe('a folder without a Service', () => {
  const errorsIn = (messages: readonly string[]): readonly string[] =>
    messages.filter((each) => each.startsWith('error'));

  it('holds everything back at the start while no manifest is in it', async () => {
    const folder = folderWith({ 'notes.txt': 'x' });
    const { messages, synced } = follow(folder, 20);
    await until(() => expect(messages).toHaveLength(1));
    expect(messages).toEqual([
      `error: ${folder}: no manifest is in it; nothing is programmed (--allow-empty if that is meant)`,
    ]);
    expect(synced).toEqual([]);
    await writeFile(join(folder, 'a.yaml'), web);
    await until(() => expect(synced).toHaveLength(4));
  });

  it.each([
    [true, 0],
    [false, 4],
  ])('at the start depends on whether this node serves Services now: %s', async (serves, kinds) => {
    const folder = folderWith({ 'node.yaml': node('node-1', '192.168.0.1') });
    let asked = 0;
    const isServing = (): Promise<boolean> => {
      asked += 1;
      return Promise.resolve(serves);
    };
    const { messages, synced, batches } = follow(folder, 10, { isServing });
    await until(() => expect(messages).toHaveLength(1));
    await writeFile(join(folder, 'b.yaml'), '# nothing');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([synced.length, batches.length, asked]).toEqual([kinds, kinds / 4, 1]);
    expect(errorsIn(messages)).toHaveLength(serves ? 1 : 0);
    await writeFile(join(folder, 'a.yaml'), web);
    await until(() => expect(synced).toHaveLength(4));
  });

  it('that had some keeps all objects, whether files remain or not, until there is one again', async () => {
    const folder = folderWith({ 'a.yaml': web, 'node.yaml': node('node-1', '192.168.0.1') });
    const { messages, batches, lastBatch, snapshot } = await followed(folder, 20);
    await rm(join(folder, 'a.yaml'));
    await until(() => expect(errorsIn(messages)).toHaveLength(1));
    await rm(join(folder, 'node.yaml'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(errorsIn(messages)).toEqual([
      `error: ${folder}: all Services are gone from it; they stay as they were (--allow-empty if that is meant)`,
    ]);
    expect([batches.length, keysIn(snapshot().services)]).toEqual([1, ['shop/web']]);
    await writeFile(join(folder, 'b.yaml'), service('other', '10.96.0.11'));
    await until(() => expect(lastBatch()).toContain('delete Service shop/web'));
    expect(keysIn(snapshot().services)).toEqual(['shop/other']);
  });

  it('is meant with allowEmpty', async () => {
    const folder = folderWith({ 'a.yaml': web });
    const { messages, lastBatch, synced } = follow(folder, 20, { allowEmpty: true });
    await until(() => expect(synced).toHaveLength(4));
    await rm(join(folder, 'a.yaml'));
    await until(() => expect(lastBatch()).toEqual(['delete Service shop/web']));
    expect(errorsIn(messages)).toEqual([]);
  });
});
