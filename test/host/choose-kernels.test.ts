/** The choice of kernels on made-up machines. The real one is asked in test/kernel/choose-kernels.test.ts. */
import { expect, it } from 'vitest';
import { chooseKernels, type KernelWishes } from '../../src/host/choose-kernels.ts';
import { type Answer, fakeCommands } from '../support/fake-commands.ts';

const wishes: KernelWishes = { mode: 'nftables', families: ['IPv4', 'IPv6'], localhostNodePorts: true };

/** An nft whose kernel refuses what matches. */
function nftThatLacks(pattern: RegExp): Answer {
  return (line, input) => {
    if (line === 'nft --version') return { stdout: 'nftables v1.0.6 (Lester Gooch #5)' };
    return pattern.test(input) ? { stderr: 'Error: Could not process rule: Address family not supported' } : {};
  };
}

it.each([
  [/table ip6 /, 'IPv4', 'IPv6'],
  [/table ip /, 'IPv6', 'IPv4'],
] as const)('nftables mode goes without a family that the node does not have: %s', async (pattern, able, missing) => {
  const choice = await chooseKernels(wishes, fakeCommands(nftThatLacks(pattern)).run);
  expect(choice).toMatchObject({
    kind: 'ready',
    kernels: [{ family: able, mode: 'nftables', tool: 'nft 1.0.6' }],
    notes: [
      'nft 1.0.6',
      `no ${missing} rules on this node: Error: Could not process rule: Address family not supported`,
    ],
  });
});

it('nftables mode loses no family to a failure of the moment', async () => {
  const healthy = nftThatLacks(/nothing/);
  let failures = 1;
  const { run } = fakeCommands((line, input) => {
    if (line !== 'nft -c -f -' || failures === 0) return healthy(line, input);
    failures -= 1;
    return { kind: 'killed', why: 'SIGKILL' };
  });
  const choice = await chooseKernels(wishes, run);
  expect(choice).toMatchObject({
    kind: 'ready',
    kernels: [{ family: 'IPv4' }, { family: 'IPv6' }],
    notes: ['nft 1.0.6'],
  });
});

it('nftables mode is not to be had where both families lack something', async () => {
  const choice = await chooseKernels(wishes, fakeCommands(nftThatLacks(/fib/)).run);
  expect(choice).toMatchObject({ kind: 'unable', problems: [{ code: 'construct-missing' }] });
});

it('each mode says what to install', async () => {
  const { run } = fakeCommands(() => ({ kind: 'missing' }));
  for (const mode of ['iptables', 'nftables'] as const) {
    const choice = await chooseKernels({ ...wishes, mode }, run);
    const problem = { problem: expect.stringContaining('there is no'), remedy: expect.stringContaining('install') };
    expect(choice).toMatchObject({ kind: 'unable', problems: [problem] });
  }
});
