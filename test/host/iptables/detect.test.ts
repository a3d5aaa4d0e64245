/** The choice of a variant on made-up machines. The real programs are asked in test/kernel/choose-kernels.test.ts. */
import { describe, expect, it } from 'vitest';
import { type DetectOptions, detectIptables } from '../../../src/host/iptables/detect.ts';
import { type Answer, fakeCommands } from '../../support/fake-commands.ts';

interface Machine {
  /** Programs by name; `restore` programs answer with their version. */
  readonly installed?: readonly string[];
  /** What `iptables` is. */
  readonly usual?: string;
  /** What `…-save` says, by program. */
  readonly saved?: Readonly<Record<string, string>>;
  /** What `…-restore --test` says of the rules, by program; nothing where they are taken. */
  readonly complaints?: Readonly<Record<string, string>>;
}

const both = ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy'];
const mangle = (chain: string): string => `*mangle\n:${chain} - [0:0]\nCOMMIT\n`;
const rules = (count: number): string => `*nat\n:X - [0:0]\n${'-A X -j ACCEPT\n'.repeat(count)}COMMIT\n`;

function machine({ installed = both, usual = 'nf_tables', saved = {}, complaints = {} }: Machine): Answer {
  return (line) => {
    const [, program = '', verb = '', option = ''] = /^(\S+)-(save|restore)(?: (\S+))?/.exec(line) ?? [];
    const isPlain = program === 'iptables' || program === 'ip6tables';
    if (isPlain ? usual === '' : !installed.includes(program)) return { kind: 'missing' };
    if (verb === 'save') return { stdout: saved[program] ?? '' };
    if (option === '--test') return { stderr: complaints[program] ?? '' };
    const name = isPlain ? usual : program.endsWith('-nft') ? 'nf_tables' : 'legacy';
    return { stdout: `${program}-restore v1.8.9 (${name})` };
  };
}

async function detect(about: Machine, options?: DetectOptions) {
  const commands = fakeCommands(machine(about));
  return { detected: await detectIptables(commands.run, options), lines: commands.lines };
}

async function noteOf(about: Machine, options?: DetectOptions): Promise<string | undefined> {
  const { detected } = await detect(about, options);
  return detected.kind === 'found' ? detected.notes[0] : undefined;
}

describe('the variant', () => {
  it.each([
    ['nft', { 'iptables-nft': mangle('KUBE-IPTABLES-HINT'), 'iptables-legacy': rules(9) }, 'KUBE-IPTABLES-HINT'],
    ['nft', { 'ip6tables-nft': mangle('KUBE-IPTABLES-HINT') }, 'KUBE-IPTABLES-HINT'],
    ['legacy', { 'iptables-legacy': mangle('KUBE-KUBELET-CANARY'), 'iptables-nft': rules(9) }, 'KUBE-KUBELET-CANARY'],
    [
      'nft',
      { 'iptables-legacy': mangle('KUBE-IPTABLES-HINT'), 'iptables-nft': mangle('KUBE-KUBELET-CANARY') },
      'KUBE-KUBELET-CANARY',
    ],
  ])("is %s by the kubelet's hint", async (variant, saved, hint) => {
    expect(await noteOf({ saved })).toBe(`iptables 1.8.9, variant ${variant}: the kubelet's ${hint} is there`);
  });

  it.each([
    ['legacy', { 'iptables-legacy': rules(3), 'ip6tables-legacy': rules(2), 'iptables-nft': rules(4) }, 5, 'nft 4'],
    ['nft', { 'iptables-legacy': rules(3), 'iptables-nft': rules(3) }, 3, 'legacy 3'],
  ])('is %s by the number of rules', async (variant, saved, count, others) => {
    expect(await noteOf({ saved })).toBe(
      `iptables 1.8.9, variant ${variant}: it has ${count} rules, and variant ${others}`,
    );
  });

  it.each([
    ['nf_tables', 'nft'],
    ['legacy', 'legacy'],
  ])('is the one that iptables means where there are no rules: %s', async (usual, variant) => {
    const why = 'there are no rules yet, and it is the one that this system calls iptables';
    expect(await noteOf({ usual })).toBe(`iptables 1.8.9, variant ${variant}: ${why}`);
  });

  it('is the only one', async () => {
    const installed = ['iptables-legacy', 'ip6tables-legacy'];
    expect(await noteOf({ installed, usual: '' })).toContain('variant legacy: the only one that is installed');
  });

  it('is the one of programs without a variant in their names', async () => {
    const { detected } = await detect({ installed: [], usual: 'nf_tables' });
    expect(detected).toMatchObject({ tools: { variant: 'nft', version: '1.8.9', isNamed: false } });
  });

  it('is the one that was asked for, and no rules are counted', async () => {
    const saved = { 'iptables-nft': mangle('KUBE-IPTABLES-HINT') };
    const { detected, lines } = await detect({ saved }, { variant: 'legacy' });
    expect(detected).toMatchObject({ tools: { variant: 'legacy' }, notes: [expect.stringContaining('asked for')] });
    expect(lines.filter((line) => line.includes('-save'))).toEqual([]);
  });
});

describe('a family', () => {
  const absent = "ip6tables-nft-restore: unable to initialize table 'nat'";

  it('is left out where the node does not have it, which is said', async () => {
    const { detected } = await detect({ complaints: { 'ip6tables-nft': absent } });
    expect(detected).toMatchObject({ families: ['IPv4'] });
    expect(detected.kind === 'found' && detected.notes[1]).toBe(`no IPv6 rules on this node: ${absent}`);
  });

  const lockIsHeld = 'Another app is currently holding the xtables lock.';

  it.each<[string, ReturnType<Answer>, number]>([
    ['a crash', { kind: 'killed', why: 'SIGSEGV' }, 1],
    ['no memory', { stderr: 'iptables-restore: Memory allocation problem.' }, 1],
    ['a lock that is held, which was waited for', { stderr: lockIsHeld, exitCode: 4 }, 0],
  ])('is not left out for what may pass: %s', async (_, answer, forgiven) => {
    const healthy = machine({});
    const failing = (times: number) => {
      let left = times;
      return fakeCommands((line, input) => {
        const isStruck = line.startsWith('ip6tables-nft-restore --test') && left > 0;
        left -= isStruck ? 1 : 0;
        return isStruck ? answer : healthy(line, input);
      });
    };
    expect(await detectIptables(failing(forgiven).run)).toMatchObject({ families: ['IPv4', 'IPv6'] });
    expect(await detectIptables(failing(forgiven + 1).run)).toMatchObject({ kind: 'unable' });
  });

  it('is not asked for where it is not wanted', async () => {
    const { detected, lines } = await detect({}, { families: ['IPv6'] });
    expect(detected).toMatchObject({ families: ['IPv6'] });
    expect(lines.filter((line) => line.includes('--test'))).toEqual(['ip6tables-nft-restore --test --noflush -w 5']);
  });
});

describe('a machine that cannot have iptables mode', () => {
  it('has no iptables', async () => {
    const { detected } = await detect({ installed: [], usual: '' });
    const problem = 'there is no iptables-restore in PATH';
    const remedy = 'install iptables (Debian: apt-get install iptables), or use --mode nftables';
    expect(detected).toEqual({ kind: 'unable', problems: [{ problem, remedy, detail: '' }] });
  });

  it('has not the variant that was asked for', async () => {
    const { detected } = await detect({ installed: ['iptables-nft'] }, { variant: 'legacy' });
    const problem = 'there is no iptables-legacy-restore in PATH, only variant nft';
    expect(detected).toMatchObject({ kind: 'unable', problems: [{ problem }] });
  });

  it.each([
    ['Could not fetch rule set generation id: Permission denied (you must be root)', 'NET_ADMIN'],
    ["unable to initialize table 'nat'", 'load its module'],
    ['unknown option "--random-fully"', 'install a newer iptables'],
  ])('says: %s', async (complaint, remedy) => {
    const { detected } = await detect({ complaints: { 'iptables-nft': complaint, 'ip6tables-nft': complaint } });
    const problems = [1, 2].map(() => ({ detail: complaint, remedy: expect.stringContaining(remedy) }));
    expect(detected).toMatchObject({ kind: 'unable', problems });
  });
});

it('does not take a program for missing that the machine has no room to start', async () => {
  const why = 'EMFILE: too many open files';
  const detected = await detectIptables(fakeCommands(() => ({ kind: 'unstarted', why })).run);
  expect(detected).toMatchObject({
    kind: 'unable',
    problems: [{ problem: `iptables-restore cannot be started (${why})` }],
  });
});
