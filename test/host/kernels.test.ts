/** Both kernels with programs that fail in every way: no failure is an exception, and none is taken for another. */
import { describe, expect, it } from 'vitest';
import { parseRuleset } from '../../src/core/nftables/listing/narrow.ts';
import type { Rules } from '../../src/core/rules.ts';
import { iptablesKernel } from '../../src/host/iptables/kernel.ts';
import { type Kernel, KernelError } from '../../src/host/kernel.ts';
import { ruleEvents } from '../../src/host/netlink/listener.ts';
import { nftKernel } from '../../src/host/nft/kernel.ts';
import type { RunCommand } from '../../src/host/run-command.ts';
import { type Answer, type FakeCommands, fakeCommands } from '../support/fake-commands.ts';

function nftWith(answer: Answer): { readonly kernel: Kernel; readonly commands: FakeCommands } {
  const commands = fakeCommands(answer);
  const kernel = nftKernel('IPv4', { run: commands.run, events: ruleEvents(commands.run), version: '1.0.6' });
  return { kernel, commands };
}

function iptablesWith(answer: Answer, variant: 'legacy' | 'nft' = 'nft') {
  const commands = fakeCommands(answer);
  const tools = { variant, version: '1.8.9', isNamed: true };
  const events = ruleEvents(commands.run);
  const options = { run: commands.run, tools, events, lockFile: '/run/lock', ownsFirewall: true };
  return { kernel: iptablesKernel('IPv4', options), commands };
}

const kernels = [
  { name: 'nft', make: (answer: Answer) => nftWith(answer).kernel, program: 'nft' },
  { name: 'iptables', make: (answer: Answer) => iptablesWith(answer).kernel, program: 'iptables-nft-restore' },
];

const empty: Readonly<Record<Kernel['mode'], Rules>> = {
  nftables: { mode: 'nftables', ruleset: { family: 'IPv4', sets: [], chains: [] } },
  iptables: { mode: 'iptables', ruleset: { family: 'IPv4', tables: [] } },
};

describe.each(kernels)('the kernel by $name', ({ make, program }) => {
  it.each([
    ['is missing', { kind: 'missing' }, `there is no ${program} in PATH`],
    ['crashes', { kind: 'killed', why: 'SIGSEGV' }, `${program} was stopped (SIGSEGV)`],
    [
      'takes too long',
      { kind: 'killed', why: 'no answer after 31 s' },
      `${program} was stopped (no answer after 31 s)`,
    ],
    ['ends without a word', { exitCode: 3 }, `${program} ended with exit code 3`],
  ] as const)('fails to apply because the program %s', async (_, outcome, detail) => {
    const applied = await make(() => outcome).apply({ text: 'text' });
    expect(applied).toEqual({ kind: 'failed', reason: 'tool', detail, lockWaitMs: 0 });
  });

  it.each([
    { kind: 'missing' },
    { kind: 'killed', why: 'SIGKILL' },
    { exitCode: 1, stderr: 'netlink: Error: Operation not permitted' },
  ] as const)('cannot be read: %o', async (outcome) => {
    const kernel = make(() => outcome);
    await expect(kernel.read()).rejects.toBeInstanceOf(KernelError);
    await expect(kernel.findDrift(empty[kernel.mode], false)).rejects.toBeInstanceOf(KernelError);
    await expect(kernel.findDrift(empty[kernel.mode], true)).rejects.toBeInstanceOf(KernelError);
  });
});

/** A kernel whose programs are all missing, and the limits that they were given. */
function timedKernel(): { readonly kernel: Kernel; readonly limits: unknown[] } {
  const given: unknown[] = [];
  const run: RunCommand = (_command, _args, { input: _, ...limits } = {}) => {
    given.push(limits);
    return Promise.resolve({ kind: 'missing' });
  };
  const events = ruleEvents(fakeCommands(() => ({})).run);
  return { kernel: nftKernel('IPv4', { run, events, version: '1.0.6' }), limits: given };
}

describe('the time that a program has', () => {
  it.each([
    ['as long as the largest cluster takes', undefined, 180_000],
    ['as long as it is given', 20_000, 20_000],
  ])('to list everything: %s', async (_, limitMs, timeoutMs) => {
    const { kernel, limits } = timedKernel();
    await expect(kernel.read(limitMs)).rejects.toThrow('there is no nft in PATH');
    expect(limits).toEqual([{ timeoutMs }]);
  });

  it.each([
    ['a change', 'x', 40_000],
    ['a load of 50 MB', 'x'.repeat(50_000_000), 530_000],
  ])('follows what it is given: %s', async (_, text, timeoutMs) => {
    const { kernel, limits } = timedKernel();
    await kernel.apply({ text });
    expect(limits).toEqual([{ timeoutMs }]);
  });
});

const set = (name: string, more = ''): string => `\tset ${name} {\n\t\ttype ipv4_addr\n${more}\t}\n`;
const outline = `table ip nat {\n}\ntable ip rulewright {\n${set('a')}${set('b')}}`;
const address = '\t\telements = { 192.0.2.1 }\n';
const onlyB = `table ip rulewright {\n${set('b', address)}}`;
const elements = `table ip rulewright {\n${set('a', address)}${set('b', address)}}`;

describe('nft', () => {
  it('keeps what it complains about short: it repeats the line, with all elements of a map', async () => {
    const line = `add element ip rulewright services { ${'10.0.0.1 . tcp . 80 : goto pick-1, '.repeat(50_000)} }`;
    const stderr = `/dev/stdin:7:1-9: Error: Could not process rule: File exists\n${line}\n${'^'.repeat(900)}\n`;
    const applied = await nftWith(() => ({ stderr })).kernel.apply({ text: 'text' });
    expect(applied).toMatchObject({ kind: 'failed', reason: 'base', line: 7 });
    expect(applied.kind === 'failed' && applied.detail).toMatch(/^\/dev\/stdin:7:1-9: Error: [^^]{0,300}…$/);
  });

  it('lists our table alone where it crashes on the table of somebody else', async () => {
    const { kernel, commands } = nftWith((line) =>
      line.includes('ruleset') ? { kind: 'killed', why: 'SIGSEGV' } : { stdout: 'table ip rulewright {\n}' },
    );
    expect((await kernel.findDrift(empty.nftables, false)).lost).toEqual([]);
    expect(commands.lines).toEqual(['nft -t list ruleset ip', 'nft list table ip rulewright']);
  });

  it('lists only sets that somebody else may have changed, and what is known of the others', async () => {
    const { kernel, commands } = nftWith((line) => ({ stdout: line.includes('ruleset') ? outline : onlyB }));
    const known = parseRuleset('IPv4', elements).ruleset;
    const applied: Rules = { mode: 'nftables', ruleset: { ...known, sets: known.sets.slice(0, 1) } };
    const { lost, standing } = await kernel.findDrift(applied, false);
    expect(lost).toHaveLength(1);
    expect(standing()).toEqual({ mode: 'nftables', ruleset: known });
    expect(commands.lines).toEqual(['nft -t list ruleset ip', 'nft list set ip rulewright b']);
  });

  it('does not take rules of the other mode', async () => {
    await expect(nftWith(() => ({})).kernel.findDrift(empty.iptables, false)).rejects.toThrow('not nftables');
    await expect(iptablesWith(() => ({})).kernel.findDrift(empty.nftables, false)).rejects.toThrow('not iptables');
  });
});

describe('iptables', () => {
  const held = { exitCode: 75 };

  it('waits for the lock of the legacy variant, and gives up', async () => {
    const { kernel, commands } = iptablesWith(() => held, 'legacy');
    expect(await kernel.apply({ text: 'text' })).toEqual({
      kind: 'failed',
      reason: 'lock',
      detail: 'another process holds /run/lock',
      lockWaitMs: expect.any(Number),
    });
    expect(commands.lines).toEqual([
      'flock --nonblock --conflict-exit-code 75 /run/lock true',
      'flock --wait 5 --conflict-exit-code 75 /run/lock true',
    ]);
  });

  it('goes on where there is no flock: iptables-restore waits too', async () => {
    const { kernel, commands } = iptablesWith(
      (line) => (line.startsWith('flock') ? { kind: 'missing' } : { exitCode: 0 }),
      'legacy',
    );
    expect(await kernel.apply({ text: 'text' })).toEqual({ kind: 'applied', lockWaitMs: 0 });
    expect(commands.lines.at(-1)).toBe('iptables-legacy-restore --noflush -w 5');
  });

  it('takes no lock with the nft variant, which has none', async () => {
    const { kernel, commands } = iptablesWith(() => ({}));
    expect(await kernel.apply({ text: 'text' })).toEqual({ kind: 'applied', lockWaitMs: 0 });
    expect(commands.lines).toEqual(['iptables-nft-restore --noflush -w 5']);
  });

  it('does not take a table that iptables-nft cannot show for an empty one', async () => {
    const stdout = "*filter\nCOMMIT\n# Table `nat' is incompatible, use 'nft' tool.\n";
    await expect(iptablesWith(() => ({ stdout })).kernel.read()).rejects.toThrow('hides a table');
  });
});
