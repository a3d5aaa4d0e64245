/** Cleaning up with tools that do what the test says. The real ones are in test/kernel. */
import { describe, expect, it } from 'vitest';
import { type CleanupOptions, cleanUp } from '../../src/host/cleanup.ts';
import type { CommandOutcome } from '../../src/host/run-command.ts';

const ours = `*filter
:KUBE-EXTERNAL-SERVICES - [0:0]
-A OUTPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
COMMIT
`;

function exited(exitCode: number, stdout: string, stderr = ''): CommandOutcome {
  return { kind: 'exited', exitCode, stdout, stderr };
}

/** A machine with the tools that `outcomes` names, by the start of a command line, and all that was run there. */
function machine(outcomes: Readonly<Record<string, CommandOutcome>>, over: Partial<CleanupOptions> = {}) {
  const ran: string[] = [];
  const run: CleanupOptions['run'] = (command, args) => {
    const line = [command, ...args].join(' ');
    ran.push(line);
    const known = Object.keys(outcomes).find((start) => line.startsWith(start));
    return Promise.resolve(known === undefined ? { kind: 'missing' } : (outcomes[known] ?? { kind: 'missing' }));
  };
  return { ran, clean: () => cleanUp({ run, kubeProxy: false, dryRun: false, ...over }) };
}

describe('cleanUp', () => {
  it('asks only the tools that are there, and is content with any of them', async () => {
    const onlyNft = machine({ 'nft list chains': exited(0, 'table ip nat {\n}\n') });
    expect(await onlyNft.clean()).toEqual({ removed: [], left: [], failed: [] });
    const onlyIptables = machine({ 'iptables-save': exited(0, ours), 'iptables-restore': exited(0, '') });
    expect((await onlyIptables.clean()).removed).toEqual([
      { place: 'iptables, table filter', kind: 'chains', names: ['KUBE-EXTERNAL-SERVICES'], jumps: 1 },
    ]);
    expect(onlyIptables.ran.at(-2)).toBe('iptables-restore --noflush --wait 60');
  });

  it('says so when there is no tool at all', async () => {
    const { failed } = await machine({}).clean();
    expect(failed).toEqual([
      {
        place: 'PATH',
        problem: 'there is neither nft nor iptables',
        remedy: 'install nftables, or iptables, or both',
      },
    ]);
  });

  it('goes on after a failure, and names what failed with what to do', async () => {
    const { clean } = machine({
      'nft list': exited(
        1,
        '',
        'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed',
      ),
      'iptables-legacy-save': exited(0, ours),
      'iptables-legacy-restore': exited(4, '', 'Another app is currently holding the xtables lock'),
      'ip6tables-legacy-save': { kind: 'killed', why: 'SIGSEGV' },
    });
    expect(await clean()).toMatchObject({
      removed: [],
      failed: [
        { place: 'nftables', remedy: expect.stringContaining('NET_ADMIN') },
        { place: 'iptables-legacy', problem: 'Another app is currently holding the xtables lock' },
        { place: 'ip6tables-legacy', problem: 'the program was stopped (SIGSEGV)' },
      ],
    });
  });

  it('takes a table that somebody else has just deleted for removed', async () => {
    const { clean } = machine({
      'nft list': exited(0, 'table ip rulewright {\n}\ntable inet rulewright {\n}\ntable ip rulewright2 {\n}\n'),
      'nft delete table ip rulewright': exited(1, '', 'Error: Could not process rule: No such file or directory'),
    });
    expect(await clean()).toEqual({
      removed: [{ place: 'nftables', kind: 'tables', names: ['ip rulewright'], jumps: 0 }],
      left: [],
      failed: [],
    });
  });

  it('changes nothing in a dry run', async () => {
    const outcomes = { 'nft list': exited(0, 'table ip rulewright {\n}\n'), 'iptables-nft-save': exited(0, ours) };
    const { clean, ran } = machine(outcomes, { dryRun: true });
    expect((await clean()).removed).toHaveLength(2);
    expect(ran.filter((line) => /delete|restore/.test(line))).toEqual([]);
  });
});
