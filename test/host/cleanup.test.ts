/** Cleaning up with tools that do what the test says. The real ones are in test/kernel. */
import { describe, expect, it } from 'vitest';
import { type CleanupOptions, cleanUp } from '../../src/host/cleanup.ts';
import type { CommandOutcome } from '../../src/host/run-command.ts';

const ours = `*nat
:KUBE-SVC-RULEWRIGHT - [0:0]
:KUBE-SERVICES - [0:0]
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
COMMIT
`;

/** What kube-proxy of several releases and modes leaves beside it, or alone. */
const kubeProxys = `*nat
:KUBE-PROXY-CANARY - [0:0]
:KUBE-XLB-ICKQE4PTG2WGVXBF - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-LOAD-BALANCER - [0:0]
:KUBE-SERVICES - [0:0]
-A KUBE-LOAD-BALANCER -j KUBE-NODE-PORT
COMMIT
*filter
:KUBE-IPVS-FILTER - [0:0]
:KUBE-IPVS-OUT-FILTER - [0:0]
:KUBE-SOURCE-RANGES-FIREWALL - [0:0]
-A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER
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
  return { ran, clean: () => cleanUp({ run, whose: 'ours', dryRun: false, ...over }) };
}

describe('cleanUp', () => {
  it('asks only the tools that are there, and is content with any of them', async () => {
    const onlyNft = machine({ 'nft list chains': exited(0, 'table ip nat {\n}\n') });
    expect(await onlyNft.clean()).toEqual({ removed: [], left: [], failed: [] });
    const onlyIptables = machine({ 'iptables-save': exited(0, ours), 'iptables-restore': exited(0, '') });
    expect((await onlyIptables.clean()).removed).toEqual([
      { place: 'iptables, table nat', kind: 'chains', names: ['KUBE-SVC-RULEWRIGHT', 'KUBE-SERVICES'], jumps: 1 },
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

  it('counts a table that another program has just deleted as removed', async () => {
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

  it.each(['kubeProxys', 'all'] as const)('removes chains of ipvs mode and of old releases: %s', async (whose) => {
    const outcomes = { 'iptables-save': exited(0, kubeProxys), 'iptables-restore': exited(0, '') };
    const { removed, left } = await machine(outcomes, { whose }).clean();
    expect(removed.map(({ names }) => names)).toEqual([
      ['KUBE-PROXY-CANARY', 'KUBE-XLB-ICKQE4PTG2WGVXBF', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER', 'KUBE-SERVICES'],
      ['KUBE-IPVS-FILTER', 'KUBE-IPVS-OUT-FILTER', 'KUBE-SOURCE-RANGES-FIREWALL'],
    ]);
    expect(left).toEqual([]);
  });

  it("leaves and names chains that are rulewright's when only kube-proxy's are to go", async () => {
    const both = kubeProxys.replace(':KUBE-SERVICES', ':KUBE-SVC-RULEWRIGHT - [0:0]\n:KUBE-SERVICES');
    const outcomes = {
      'nft list': exited(0, 'table ip rulewright {\n}\ntable ip kube-proxy {\n}\n'),
      'nft delete table ip kube-proxy': exited(0, ''),
      'iptables-save': exited(0, both),
      'iptables-restore': exited(0, ''),
    };
    const { removed, left } = await machine(outcomes, { whose: 'kubeProxys' }).clean();
    expect(removed.map(({ names }) => names)).toEqual([
      ['ip kube-proxy'],
      ['KUBE-PROXY-CANARY', 'KUBE-XLB-ICKQE4PTG2WGVXBF', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER'],
      ['KUBE-IPVS-FILTER', 'KUBE-IPVS-OUT-FILTER', 'KUBE-SOURCE-RANGES-FIREWALL'],
    ]);
    expect(left.map(({ name }) => name)).toEqual(['chain KUBE-SVC-RULEWRIGHT', 'chain KUBE-SERVICES']);
  });

  it('removes only what rulewright alone makes where a kube-proxy has taken the rules over', async () => {
    const stale = `*filter\n:KUBE-XSVC-203.0.113.0/24 - [0:0]\n-A KUBE-XSVC-203.0.113.0/24 -j REJECT\nCOMMIT\n`;
    const outcomes = { 'iptables-save': exited(0, kubeProxys + stale), 'iptables-restore': exited(0, '') };
    const { removed, left } = await machine(outcomes).clean();
    expect(removed.map(({ names }) => names)).toEqual([['KUBE-XSVC-203.0.113.0/24']]);
    expect(left).toHaveLength(8);
    expect(new Set(left.map(({ why }) => why))).toEqual(
      new Set(['kube-proxy made it; cleanup --kube-proxy removes it']),
    );
  });

  it('changes nothing in a dry run', async () => {
    const outcomes = { 'nft list': exited(0, 'table ip rulewright {\n}\n'), 'iptables-nft-save': exited(0, ours) };
    const { clean, ran } = machine(outcomes, { dryRun: true });
    expect((await clean()).removed).toHaveLength(2);
    expect(ran.filter((line) => /delete|restore/.test(line))).toEqual([]);
  });
});
