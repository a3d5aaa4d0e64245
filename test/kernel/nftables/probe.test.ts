/** The probe with the real nft and the real kernel. */
import { release } from 'node:os';
import { expect, it } from 'vitest';
import { withNamespace } from '../../../scripts/lab/network/tools.ts';
import { printRuleset } from '../../../src/core/nftables/print/print.ts';
import { constructsInUse } from '../../../src/host/nft/constructs.ts';
import { probeNftables } from '../../../src/host/nft/probe.ts';
import { type RunCommand, runCommand } from '../../../src/host/run-command.ts';
import { describeKernel } from '../../support/kernel/describe.ts';

describeKernel('the probe of nftables mode', () => {
  it('finds this machine supported, and leaves nothing behind', async () => {
    await withNamespace(async ({ name, exec }) => {
      const inside: RunCommand = (command, args, options) =>
        runCommand('ip', ['netns', 'exec', name, command, ...args], options);
      const kernel = release().split('.').slice(0, 2).join('.');
      expect(await probeNftables(inside)).toEqual({ kind: 'able', nft: expect.stringMatching(/^1\./), kernel });
      expect(await exec('nft', ['list', 'ruleset'])).toBe('');
    });
  });

  it('leaves a table of that name alone', async () => {
    await withNamespace(async ({ name, exec }) => {
      await exec('nft', ['add table ip rulewright; add chain ip rulewright mine']);
      const before = await exec('nft', ['list', 'ruleset']);
      const inside: RunCommand = (command, args, options) =>
        runCommand('ip', ['netns', 'exec', name, command, ...args], options);
      expect(await probeNftables(inside)).toMatchObject({ kind: 'able' });
      expect(await exec('nft', ['list', 'ruleset'])).toBe(before);
    });
  });

  it.each(['IPv4', 'IPv6'] as const)('tests %s constructs that can be loaded and listed', async (family) => {
    await withNamespace(async ({ exec }) => {
      for (const { name, ruleset } of constructsInUse(family)) {
        await exec('nft', ['-f', '-'], { input: printRuleset(ruleset) });
        expect(await exec('nft', ['list', 'ruleset']), name).not.toBe('');
      }
    });
  });

  it('reports a missing capability', async () => {
    const unprivileged: RunCommand = (command, args, options) =>
      runCommand('setpriv', ['--bounding-set=-all', '--reuid=65534', '--clear-groups', command, ...args], options);
    const result = await probeNftables(unprivileged);
    expect(result).toMatchObject({ kind: 'unable', problems: [{ code: 'no-permission' }] });
  });
});
