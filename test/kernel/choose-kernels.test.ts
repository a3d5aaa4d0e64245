/** Which kernels this machine has, asked of its real programs. */
import { expect, it } from 'vitest';
import { type Namespace, variants, withNamespace } from '../../scripts/lab/network/tools.ts';
import { chooseKernels, type KernelWishes } from '../../src/host/choose-kernels.ts';
import { commandsIn } from '../support/kernel/commands.ts';
import { describeKernel } from '../support/kernel/describe.ts';

const wishes: Omit<KernelWishes, 'mode'> = { families: ['IPv4', 'IPv6'], localhostNodePorts: true };

async function toolsIn(namespace: Namespace, mode: KernelWishes['mode']) {
  const choice = await chooseKernels({ ...wishes, mode }, commandsIn(namespace));
  return choice.kind === 'ready' ? { tools: choice.kernels.map(({ tool }) => tool), notes: choice.notes } : choice;
}

describeKernel('the kernels of this machine', () => {
  it('are those of nft in nftables mode', async () => {
    await withNamespace(async (namespace) => {
      const tool = expect.stringMatching(/^nft 1\.\d/);
      expect(await toolsIn(namespace, 'nftables')).toEqual({ tools: [tool, tool], notes: [tool] });
    });
  });

  it.each(variants)("use the variant with the kubelet's hint: %s", async (variant) => {
    await withNamespace(async (namespace) => {
      await namespace.restore(variant, 'IPv4', '*mangle\n:KUBE-IPTABLES-HINT - [0:0]\nCOMMIT\n');
      expect(await toolsIn(namespace, 'iptables')).toEqual({
        tools: ['iptables', 'ip6tables'].map((name) =>
          expect.stringMatching(`^${name}-${variant}-restore 1\\.\\d+\\.\\d+ \\(${variant}\\)$`),
        ),
        notes: [expect.stringContaining(`variant ${variant}: the kubelet's KUBE-IPTABLES-HINT is there`)],
      });
    });
  });

  it('are chosen without leaving anything in the kernel', async () => {
    await withNamespace(async (namespace) => {
      await toolsIn(namespace, 'nftables');
      await toolsIn(namespace, 'iptables');
      expect(await namespace.exec('nft', ['list', 'ruleset'])).toBe('');
      expect(await namespace.save('legacy', 'IPv4')).toBe('');
    });
  });

  it.each(['iptables', 'nftables'] as const)('need CAP_NET_ADMIN: %s', async (mode) => {
    await withNamespace(async (namespace) => {
      const commands = commandsIn(namespace, ['setpriv', '--bounding-set=-all']);
      const choice = await chooseKernels({ ...wishes, mode }, commands);
      const problem = { problem: expect.stringContaining('may not ask the kernel'), remedy: /NET_ADMIN/ };
      expect(choice).toMatchObject({
        kind: 'unable',
        problems: expect.arrayContaining([expect.objectContaining({ problem: problem.problem })]),
      });
    });
  });
});
