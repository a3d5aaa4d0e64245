import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeCommand } from '../../../src/cli/flags/describe.ts';
import { flagTexts } from '../../../src/cli/flags/table.ts';
import { runText, withDashes } from '../../../src/cli/run/options.ts';
import { type ReadRun, readRunSettings } from '../../../src/cli/run/settings.ts';
import { flags } from '../../../src/configuration/flags.ts';
import { documentWith } from '../../configuration/examples.ts';
import { folderWith } from '../run.ts';

function collected(...args: readonly string[]): object {
  const command = describeCommand(new Command('run'), runText)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  return command.parse(withDashes(args), { from: 'user' }).opts();
}

const read = (...args: readonly string[]): Promise<ReadRun> => readRunSettings(collected(...args));

async function settingsOf(...args: readonly string[]) {
  const result = await read(...args);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.settings;
}

/** `--layout flag-invalid`, `config.conf mode field-invalid` */
async function errorsOf(...args: readonly string[]): Promise<readonly string[]> {
  const result = await read(...args);
  if (!('errors' in result)) return [];
  return result.errors.map(({ diagnostic: { object, field, code } }) =>
    [object.name.replace(/^.*\//, ''), field, code].filter((part) => part !== '').join(' '),
  );
}

describe('a command line', () => {
  const textsOf = (...args: readonly string[]) => Object.fromEntries(flagTexts(collected(...args)));

  it.each<[readonly string[], Readonly<Record<string, readonly string[]>>]>([
    [['--cluster-cidr=10.0.0.0/8'], { 'cluster-cidr': ['10.0.0.0/8'] }],
    [['--cluster-cidr', '10.0.0.0/8'], { 'cluster-cidr': ['10.0.0.0/8'] }],
    [['--masquerade-all', '--profiling=false'], { 'masquerade-all': ['true'], profiling: ['false'] }],
    [['-v=2'], { v: ['2'] }],
    [['-v2'], { v: ['2'] }],
    [['-v', '2'], { v: ['2'] }],
    [['--v=2', '--v', '3'], { v: ['2', '3'] }],
    [['--oom-score-adj=-999'], { 'oom-score-adj': ['-999'] }],
    [['--feature-gates=A=true,B=false'], { 'feature-gates': ['A=true,B=false'] }],
    [['--metrics-bind-address='], { 'metrics-bind-address': [''] }],
    [['--log_dir=/x_y', '--iptables_sync_period', '1m'], { 'log-dir': ['/x_y'], 'iptables-sync-period': ['1m'] }],
    [['--masquerade-all', '--masquerade-all=false'], { 'masquerade-all': ['true', 'false'] }],
  ])('%j is read as pflag reads it', (args, wanted) => {
    expect(textsOf(...args)).toEqual(wanted);
  });

  it.each(flags)('may have --$name', ({ name, argument }) => {
    expect(textsOf(`--${name}=x`)).toEqual({ [name]: ['x'] });
    expect(argument.startsWith('[') ? textsOf(`--${name}`) : {}).toEqual(
      argument.startsWith('[') ? { [name]: ['true'] } : {},
    );
  });

  it('may not have a flag that nobody knows', () => {
    expect(() => collected('--cluster-cider', 'x')).toThrow(
      /unknown option '--cluster-cider'\n\(Did you mean --cluster-cidr/,
    );
    expect(withDashes(['--no_such', 'a_b', '--', '--log_dir'])).toEqual(['--no_such', 'a_b', '--', '--log_dir']);
  });
});

describe('what only flags can say', () => {
  it.each<[readonly string[], object]>([
    [[], { task: { kind: 'run' }, manifests: undefined, verifyEveryMs: undefined, configFile: undefined }],
    [['--manifests', 'shop/'], { manifests: 'shop/', allowEmpty: false }],
    [['--manifests', 'shop/', '--allow-empty'], { allowEmpty: true }],
    [['--manifests', 'shop/', '--verify-every=10m'], { manifests: 'shop/', verifyEveryMs: 600_000 }],
    [
      [],
      {
        proxy: {
          node: {
            claimRules: {
              protectNodeAddresses: false,
              protectedPorts: [{ port: 10250 }, { port: 10256 }, { port: 10249 }],
              maxFrontends: 10_000,
            },
          },
        },
      },
    ],
    [['--max-frontends=50'], { proxy: { node: { claimRules: { maxFrontends: 50 } } } }],
    [
      ['--protected-node-ports=22', '--protect-node-addresses'],
      { proxy: { node: { claimRules: { protectNodeAddresses: true, protectedPorts: expect.any(Array) } } } },
    ],
    [['--layout=kube-proxy'], { proxy: { node: { layout: 'kube-proxy' } } }],
    [['--master=https://10.0.0.1:6443'], { proxy: { clientConnection: { master: 'https://10.0.0.1:6443' } } }],
    [['--cleanup'], { task: { kind: 'cleanup' } }],
    [['--cleanup=false', '--init-only'], { task: { kind: 'init-only' } }],
    [['--cleanup', '--init-only'], { task: { kind: 'cleanup' } }],
    [['--cleanup', '--write-config-to', '-'], { task: { kind: 'write-config', path: '-' } }],
  ])('%j', async (args, wanted) => {
    expect(await settingsOf(...args)).toMatchObject(wanted);
  });

  it.each([
    '--layout=slow',
    '--max-frontends=0',
    '--protected-node-ports=ssh',
    '--verify-every=0s',
    '--verify-every=often',
    '--cleanup=yes',
    '--init-only=yes',
    '--master=10.0.0.1:6443',
    '--master=file:///etc',
  ])('%s is not valid', async (arg) => {
    expect(await errorsOf(arg)).toEqual([`${arg.split('=')[0]} flag-invalid`]);
  });

  it('a configuration to write has the values in use', async () => {
    const { task } = await settingsOf('--write-config-to=x', '--proxy-mode=nftables', '--conntrack-min=7');
    expect(task).toMatchObject({
      text: expect.stringMatching(/^apiVersion: [\s\S]*\n {2}min: 7\n[\s\S]*\nmode: nftables\n/),
    });
  });
});

describe('the file of --config', () => {
  const file = (fields: Readonly<Record<string, unknown>>) =>
    join(folderWith({ 'config.conf': documentWith(fields) }), 'config.conf');

  it('is read, and kept as it was', async () => {
    const path = file({ mode: 'nftables' });
    const settings = await settingsOf('--config', path);
    expect(settings.proxy.node.mode).toBe('nftables');
    expect(settings.configFile).toMatchObject({ name: path, text: documentWith({ mode: 'nftables' }) });
  });

  it('warns of flags that it silences, with the place of what is in the file', async () => {
    const result = await read('--config', file({ portRange: '1-2' }), '--masquerade-all', '-v=3');
    const warnings = 'warnings' in result ? result.warnings : [];
    expect(warnings.map(({ diagnostic: { code }, place }) => [code, place?.offset !== undefined])).toEqual([
      ['flag-ignored', false],
      ['field-without-effect', true],
    ]);
  });

  it('its errors and those of flags come at once', async () => {
    const path = file({ mode: 'ipvs', clusterCidr: 'x' });
    expect(await errorsOf('--config', path, '--layout=x', '--cluster-cidr=x')).toEqual([
      '--cluster-cidr flag-invalid',
      '--layout flag-invalid',
      'config.conf mode field-invalid',
      'config.conf clusterCidr field-unknown',
      '--cluster-cidr flag-ignored',
    ]);
  });

  it('must be there, and text', async () => {
    expect(await errorsOf('--config', '/no/such/config.conf')).toEqual(['config.conf input-unreadable']);
    const folder = folderWith({ 'config.conf': new Uint8Array([0xff, 0xfe]) });
    expect(await errorsOf('--config', join(folder, 'config.conf'))).toEqual(['config.conf input-unreadable']);
  });
});
