/** Whether iptables and the kernel can have rulewright's rules at all: asked of themselves, changing nothing. */
import { printRuleset } from '../../core/iptables/print/print.ts';
import type { IptablesMatch, IptablesRuleset, IptablesTarget } from '../../core/iptables/ruleset.ts';
import type { IpFamily } from '../../core/model/address.ts';
import { shorten } from '../apply-outcome.ts';
import { exampleAddress } from '../example-address.ts';
import type { KernelProblem } from '../kernel.ts';
import { type CommandOutcome, describeAbsence, isSuccess, type RunCommand } from '../run-command.ts';
import { type IptablesTools, toolName } from './tools.ts';

export type IptablesProbe =
  | { readonly kind: 'able'; readonly families: readonly IpFamily[]; readonly notes: readonly string[] }
  | { readonly kind: 'unable'; readonly problems: readonly KernelProblem[] };

/** Seconds; without the option the legacy variant waits for ever, and without a word. */
const longestLockWait = '5';

/**
 * A family that the node does not have is left out; that is a problem only where none is left. It stays out for as long
 * as this process runs, so what may only be the moment's is no reason: then nothing is possible for now.
 */
export async function probeIptables(
  run: RunCommand,
  tools: IptablesTools,
  families: readonly IpFamily[],
): Promise<IptablesProbe> {
  const problems = new Map<IpFamily, KernelProblem>();
  for (const family of families) {
    const command = toolName(tools, family, 'restore');
    const ask = (): Promise<CommandOutcome> =>
      run(command, ['--test', '--noflush', '-w', longestLockWait], { input: printRuleset(example(family)) });
    let outcome = await ask();
    if (!isSuccess(outcome) && !isLockHeld(outcome)) outcome = await ask();
    if (isSuccess(outcome)) continue;
    const problem = problemOf(command, outcome);
    if (mayPass(outcome)) return { kind: 'unable', problems: [problem] };
    problems.set(family, problem);
  }
  const able = families.filter((family) => !problems.has(family));
  if (able.length === 0) return { kind: 'unable', problems: [...problems.values()] };
  const notes = [...problems].map(
    ([family, { problem, detail }]) => `no ${family} rules on this node: ${detail === '' ? problem : detail}`,
  );
  return { kind: 'able', families: able, notes };
}

function isLockHeld(outcome: CommandOutcome): boolean {
  return outcome.kind === 'exited' && outcome.stderr.includes('holding the xtables lock');
}

/** Whether it says nothing about what this node has. */
function mayPass(outcome: CommandOutcome): boolean {
  if (outcome.kind !== 'exited') return outcome.kind !== 'missing';
  return isLockHeld(outcome) || /Cannot allocate memory|Memory allocation problem/.test(outcome.stderr);
}

function problemOf(command: string, outcome: CommandOutcome): KernelProblem {
  const capabilities = 'run as root, or give the container the capabilities NET_ADMIN and NET_RAW';
  const remedy = 'install a newer iptables, or use --mode nftables';
  if (outcome.kind !== 'exited') return { problem: describeAbsence(command, outcome), remedy, detail: '' };
  const detail = shorten(outcome.stderr);
  if (isLockHeld(outcome)) {
    const problem = `another process holds the xtables lock, and ${command} waited in vain`;
    return { problem, remedy: 'find out who holds it (fuser /run/xtables.lock), and start again', detail };
  }
  if (/you must be root|Permission denied|Operation not permitted/.test(detail)) {
    return { problem: `${command} may not ask the kernel`, remedy: capabilities, detail };
  }
  if (detail.includes('unable to initialize table')) {
    const problem = `${command} may not ask the kernel, or the kernel has no such table`;
    return { problem, remedy: `${capabilities}, load its module, or use --mode nftables`, detail };
  }
  return { problem: `${command} does not take rules of iptables mode`, remedy, detail };
}

/** All matches and targets that the compiler uses. */
function example(family: IpFamily): IptablesRuleset {
  const address = exampleAddress(family);
  const rule = (match: IptablesMatch, target: IptablesTarget) => ({ match, target, comment: 'a comment' });
  const port = { from: 80, to: 80 };
  return {
    family,
    tables: [
      {
        name: 'nat',
        chains: [
          {
            name: 'KUBE-PROBE',
            rules: [
              rule({ protocol: 'TCP', destinationPort: port, random: 2 ** 30 }, { kind: 'dnat', address, port: 80 }),
              rule({ recent: { operation: 'rcheck', name: 'probe', seconds: 1, reap: true } }, { kind: 'return' }),
              rule({ destinationType: { value: 'LOCAL' } }, { kind: 'mark', mark: 1, mask: 1 }),
              rule({ mark: { value: { mark: 1, mask: 1 } } }, { kind: 'masquerade', randomFully: true }),
            ],
          },
        ],
      },
      {
        name: 'filter',
        chains: [
          {
            name: 'KUBE-PROBE',
            rules: [rule({ ctStates: { value: ['NEW'] } }, { kind: 'reject', with: refusals[family] })],
          },
        ],
      },
    ],
  };
}

const refusals: Readonly<Record<IpFamily, string>> = {
  IPv4: 'icmp-port-unreachable',
  IPv6: 'icmp6-port-unreachable',
};
