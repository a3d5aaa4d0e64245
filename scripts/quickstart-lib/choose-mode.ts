/** Chooses the mode: the requested one, else nftables if nft and this kernel support it. */
import { type ProbeProblem, probeNftables } from '../../src/host/nft/probe.ts';
import { type RunCommand, runCommand } from '../../src/host/run-command.ts';
import type { Family } from './node/rules.ts';
import type { Options, Wishes } from './options.ts';

export interface ChosenMode {
  readonly options: Options;
  /** Why it is not the default mode. */
  readonly remark: string | undefined;
}

/** Throws when nftables mode was asked for, is to be loaded, and is not possible. */
export async function chooseMode(
  wishes: Wishes,
  families: readonly Family[],
  obstacle: string | undefined,
): Promise<ChosenMode> {
  const { mode } = wishes;
  if (mode === 'iptables') return { options: { ...wishes, mode }, remark: undefined };
  if (obstacle !== undefined) {
    // Nothing will be loaded, so whatever was asked for can be shown.
    if (mode !== undefined) return { options: { ...wishes, mode }, remark: undefined };
    return fallBack(wishes, `cannot test whether it is possible: ${obstacle}`);
  }
  const result = await probeNftables(inNewNamespace, { families });
  if (result.kind === 'able') return { options: { ...wishes, mode: 'nftables' }, remark: undefined };
  const [problem] = result.problems;
  if (problem === undefined) throw new Error('the probe names no problem');
  if (mode === undefined) return fallBack(wishes, problem.problem);
  throw new Error(`nftables mode is not possible: ${describe(problem)}`);
}

function fallBack(wishes: Wishes, why: string): ChosenMode {
  return { options: { ...wishes, mode: 'iptables' }, remark: `Not nftables mode, the default: ${why}.` };
}

function describe({ problem, detail, remedy }: ProbeProblem): string {
  return [problem, ...(detail === '' ? [] : [`  ${detail}`]), `  ${remedy}`].join('\n');
}

/** Even `nft -c` reads the rules that exist: in a new network namespace there are none. */
const inNewNamespace: RunCommand = (command, args, options) => {
  const isCheck = args.includes('-c');
  return isCheck ? runCommand('unshare', ['--net', command, ...args], options) : runCommand(command, args, options);
};
