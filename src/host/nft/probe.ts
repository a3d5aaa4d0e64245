/**
 * Can this machine have nftables mode? Asked of nft and the kernel themselves, before anything is loaded: `nft -c`
 * sends the rules to the kernel and takes them back before they are there.
 */
import { release } from 'node:os';
import { type IpFamily, ipFamilies } from '../../core/model/address.ts';
import { printRuleset } from '../../core/nftables/print/print.ts';
import type { KernelProblem } from '../kernel.ts';
import { type CommandOutcome, describeAbsence, isSuccess, type RunCommand, runCommand } from '../run-command.ts';
import { allInOne, constructsInUse } from './constructs.ts';

export type ProbeResult =
  /** Versions as in `1.0.6` and `6.1`. */
  | { readonly kind: 'able'; readonly nft: string; readonly kernel: string }
  | { readonly kind: 'unable'; readonly problems: readonly ProbeProblem[] };

export interface ProbeProblem extends KernelProblem {
  readonly code: ProbeCode;
}

export type ProbeCode =
  | 'nft-missing'
  | 'nft-broken'
  | 'nft-too-old'
  | 'kernel-too-old'
  | 'no-permission'
  | 'construct-missing'
  | 'nft-refuses';

/** Concatenated keys in maps for `dnat` are right from here on; kube-proxy's floor too. */
const oldestNft = '1.0.1';
const oldestKernel = '5.13';

/** EMFILE, ENOMEM, EAGAIN, EACCES: the program is there. */
const startRemedy = 'check the limits on open files, processes and memory, and who may execute nft';

const otherMode = 'or use --mode iptables';

export interface NftProbeOptions {
  /** Those that rules will be made for. */
  readonly families?: readonly IpFamily[];
  /** As `uname -r` says it. */
  readonly kernelRelease?: string;
}

/**
 * Tries everything that rulewright's nftables rules are made of. `run` may put what it runs into another network
 * namespace. Nothing that a machine can lack is an exception.
 */
export async function probeNftables(
  run: RunCommand = runCommand,
  { families = ipFamilies, kernelRelease = release() }: NftProbeOptions = {},
): Promise<ProbeResult> {
  const told = await run('nft', ['--version']);
  const nft = told.kind === 'exited' ? /v(\d+\.\d+(?:\.\d+)*)/.exec(told.stdout)?.[1] : undefined;
  if (nft === undefined) return unable(noVersion(told));
  const kernel = /^\d+\.\d+/.exec(kernelRelease)?.[0] ?? kernelRelease;
  const problems = [...tooOld({ nft, kernel })];
  if (problems.length > 0) return unable(...problems);
  const check = (texts: readonly string[]): Promise<CommandOutcome> =>
    run('nft', ['-c', '-f', '-'], { input: texts.join('') });
  const checkAll = () => check(families.map((family) => printRuleset(allInOne(family))));
  let outcome = await checkAll();
  // What was only the moment's must not cost a family, which is left out for as long as this process runs.
  if (!isSuccess(outcome)) outcome = await checkAll();
  if (isSuccess(outcome)) return { kind: 'able', nft, kernel };
  const who = `nft ${nft} on kernel ${kernel}`;
  if (isForbidden(outcome)) return unable(forbidden(outcome));
  const lacking = await findLacking(families, check);
  return unable(lacking === undefined ? refused(who, outcome) : lacks(who, lacking));
}

function unable(...problems: readonly ProbeProblem[]): ProbeResult {
  return { kind: 'unable', problems };
}

function noVersion(told: CommandOutcome): ProbeProblem {
  const remedy = `install nftables (Debian: apt-get install nftables), ${otherMode}`;
  if (told.kind === 'missing') return { code: 'nft-missing', problem: ending(told), remedy, detail: '' };
  const problem = ending(told, 'nft --version');
  if (told.kind === 'unstarted') return { code: 'nft-broken', problem, remedy: startRemedy, detail: '' };
  return { code: 'nft-broken', problem, remedy, detail: detailOf(told) };
}

function* tooOld({ nft, kernel }: { readonly nft: string; readonly kernel: string }): Generator<ProbeProblem> {
  if (isOlder(nft, oldestNft)) {
    const problem = `nft ${nft} is too old: nftables mode needs nft ${oldestNft}`;
    yield { code: 'nft-too-old', problem, remedy: `install a newer nftables, ${otherMode}`, detail: '' };
  }
  if (isOlder(kernel, oldestKernel)) {
    const problem = `kernel ${kernel} is too old: nftables mode needs Linux ${oldestKernel}`;
    yield { code: 'kernel-too-old', problem, remedy: `boot a newer kernel, ${otherMode}`, detail: '' };
  }
}

function forbidden(outcome: CommandOutcome): ProbeProblem {
  return {
    code: 'no-permission',
    problem: 'nft may not ask the kernel: that takes CAP_NET_ADMIN',
    remedy: 'run as root, or give the container the capability NET_ADMIN',
    detail: detailOf(outcome),
  };
}

interface Lacking {
  /** Names of constructs, with the family where only one family lacks it. */
  readonly names: readonly string[];
  readonly detail: string;
}

/** One construct at a time; undefined when each is taken alone. */
async function findLacking(
  families: readonly IpFamily[],
  check: (texts: readonly string[]) => Promise<CommandOutcome>,
): Promise<Lacking | undefined> {
  const familiesByName = new Map<string, IpFamily[]>();
  let detail = '';
  for (const family of families) {
    for (const { name, ruleset } of constructsInUse(family)) {
      const outcome = await check([printRuleset(ruleset)]);
      if (isSuccess(outcome)) continue;
      if (detail === '') detail = detailOf(outcome);
      familiesByName.set(name, [...(familiesByName.get(name) ?? []), family]);
    }
  }
  if (familiesByName.size === 0) return undefined;
  const names = [...familiesByName].map(([name, lacking]) =>
    lacking.length === families.length ? name : `${name} for ${lacking.join(', ')}`,
  );
  return { names, detail };
}

function lacks(who: string, { names, detail }: Lacking): ProbeProblem {
  return {
    code: 'construct-missing',
    problem: `${who} lacks: ${names.join('; ')}`,
    remedy: `install a newer nftables or kernel, or its modules, ${otherMode}`,
    detail,
  };
}

function refused(who: string, outcome: CommandOutcome): ProbeProblem {
  return {
    code: 'nft-refuses',
    problem: `${who} takes each construct of nftables mode, but not all together: ${ending(outcome)}`,
    remedy: `look at what it says below, ${otherMode}`,
    detail: detailOf(outcome),
  };
}

function isForbidden(outcome: CommandOutcome): boolean {
  return outcome.kind === 'exited' && /Operation not permitted/.test(outcome.stderr);
}

function ending(outcome: CommandOutcome, command = 'nft'): string {
  if (outcome.kind !== 'exited') return describeAbsence(command, outcome);
  return outcome.exitCode === 0 ? `${command} says no version` : `${command} ended with exit code ${outcome.exitCode}`;
}

/** The first line that says what is wrong. */
function detailOf(outcome: CommandOutcome): string {
  if (outcome.kind === 'missing') return '';
  if (outcome.kind !== 'exited') return outcome.why;
  return outcome.stderr.split('\n').find((line) => line.trim() !== '') ?? '';
}

/** `1.0.1` before `1.0.10`; a missing part is 0. */
function isOlder(version: string, floor: string): boolean {
  const [own, wanted] = [version, floor].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (own?.[i] ?? 0) - (wanted?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
