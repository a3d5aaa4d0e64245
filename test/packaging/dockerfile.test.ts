import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { imageFlags } from '../../scripts/bundle.ts';
import { folderWith } from '../cli/run.ts';
import { copiesOf, packagesOf, readStages } from './dockerfile.ts';

// No container engine is asked for here: what is checked is that the Dockerfile and the repository still fit together.
const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));
const stages = readStages(read('Dockerfile'));
const [build, final] = stages;
if (build === undefined || final === undefined) throw new Error('the Dockerfile has not two stages');

describe('readStages', () => {
  it('reads a stage, its copies and its packages', () => {
    const text = [
      '# comment',
      'FROM debian:x AS base',
      'RUN apt-get update \\',
      '  && apt-get install --yes a b \\',
      '  && rm x',
      'COPY --chown=u:g one two three/',
      'FROM scratch',
      'COPY --from=base /a /b',
    ];
    const [first, second] = readStages(`${text.join('\n')}\n`);
    expect(first).toMatchObject({ image: 'debian:x', name: 'base' });
    expect(first && packagesOf(first)).toEqual(['a', 'b']);
    expect(first && copiesOf(first)).toEqual([{ from: undefined, sources: ['one', 'two'] }]);
    expect(second && copiesOf(second)).toEqual([{ from: 'base', sources: ['/a'] }]);
  });
});

describe('the Dockerfile', () => {
  const fromRepository = stages.flatMap(copiesOf).filter(({ from }) => from === undefined);
  const sources = fromRepository.flatMap((copy) => copy.sources);

  it.each(sources)('copies %s, which is in the repository', (source) => {
    expect(existsSync(join(root, source))).toBe(true);
  });

  it('copies nothing that .dockerignore keeps away, and all that it lets through', () => {
    const letThrough = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect([...new Set(sources)].sort()).toEqual(letThrough.sort());
  });

  it('takes from the build stage what that stage makes', () => {
    const products = ['/app/dist/bundle', '/usr/local/bin/node'];
    const copies = copiesOf(final).filter(({ from }) => from !== undefined);
    expect(new Set(copies.map(({ from }) => from))).toEqual(new Set([build.name]));
    expect(copies.flatMap((copy) => copy.sources).sort()).toEqual(products);
    const runs = build.instructions.filter(({ keyword }) => keyword === 'RUN').map(({ arguments: text }) => text);
    expect(runs.at(-1)).toBe('node scripts/bundle.ts');
  });

  it('starts the bundle, with flags that this Node knows', async () => {
    const entry = final.instructions.find(({ keyword }) => keyword === 'ENTRYPOINT');
    const [program, ...words] = JSON.parse(entry?.arguments ?? '');
    expect([program, words.pop()]).toEqual(['node', '/app/dist/bundle/rulewright.js']);
    expect(words).toEqual(imageFlags);
    expect((await execa(process.execPath, [...words, '--eval', ''])).stderr).toBe('');
  });

  it('copies all that the bundle is made of', () => {
    const copied = copiesOf(build).flatMap((copy) => copy.sources);
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'scripts/bundle.ts', 'src']));
    // The bundler does not need it, so that the bundle is the same with and without.
    expect(read('scripts/bundle.ts')).toContain('tsconfigRaw: {}');
  });

  it('builds and runs on a Node that package.json allows', () => {
    const [, image] = build.image.match(/^node:(\d+)-/) ?? [];
    const [, least] = manifest.engines.node.match(/^>=(\d+)\./) ?? [];
    expect(Number(image)).toBeGreaterThan(Number(least));
  });

  it('is built for a release with the digests of its base images, or not at all', async () => {
    const docker = (digest: string) =>
      folderWith({
        docker: `#!/bin/sh\nif [ "$2" = imagetools ]; then echo '${digest}'; else printf '%s\\n' "$@"; fi\n`,
      });
    const release = (digest: string) => {
      const folder = docker(digest);
      chmodSync(join(folder, 'docker'), 0o755);
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      return execa(join(root, 'scripts/release-image.sh'), ['r/rulewright:1', '--push'], { env, reject: false });
    };
    const digest = `sha256:${'a'.repeat(64)}`;
    const { stdout } = await release(digest);
    for (const { image } of [build, final]) expect(stdout).toContain(`${image}=docker-image://${image}@${digest}`);
    expect(stdout.split('\n').slice(0, 4)).toEqual(['buildx', 'build', '--tag', 'r/rulewright:1']);
    expect(await release('')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('builds without root', () => {
    const keywords = build.instructions.map(({ keyword, arguments: text }) => `${keyword} ${text}`);
    const user = keywords.indexOf('USER node');
    expect(user).toBeGreaterThan(-1);
    expect(keywords.findIndex((line) => line.includes('npm'))).toBeGreaterThan(user);
  });

  it('installs the tools that rulewright calls', () => {
    expect(packagesOf(final)).toEqual(['conntrack', 'iptables', 'nfacct', 'nftables']);
  });

  // Without package lists, or on another system, there is nobody to ask.
  const lists = '/var/lib/apt/lists';
  const canAsk = existsSync(lists) && readdirSync(lists).some((name) => name.includes('_Packages'));

  it.runIf(canAsk).each(packagesOf(final))('installs %s, which Debian has', async (name) => {
    expect((await execa('apt-cache', ['show', name], { reject: false })).exitCode).toBe(0);
  });
});
