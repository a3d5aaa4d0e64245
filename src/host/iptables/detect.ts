/**
 * Which variant of iptables this node uses: rules of the other one would be in the kernel too, and both would be asked.
 * The kubelet leaves a hint for this (KEP-3178, "Clean up iptables chain ownership"); without it the variant counts
 * that has more rules, and without any the one that this system calls `iptables`.
 */
import { kubeletOnlyChains } from '../../core/iptables/chain-owners.ts';
import { type SavedChains, splitSaved } from '../../core/iptables/listing/saved.ts';
import { type IpFamily, ipFamilies } from '../../core/model/address.ts';
import { KernelError, type KernelProblem } from '../kernel.ts';
import { type CommandOutcome, describeAbsence, type RunCommand } from '../run-command.ts';
import { hidesTables, readChainByChain, saveTimeoutMs } from './chain-by-chain.ts';
import { probeIptables } from './probe.ts';
import { type IptablesTools, type IptablesVariant, toolName } from './tools.ts';

export type IptablesDetection =
  | {
      readonly kind: 'found';
      readonly tools: IptablesTools;
      /** Those of the wanted families that this node can have rules for; at least one. */
      readonly families: readonly IpFamily[];
      /** Sentences for people: which variant and why, and what is missing. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'unable'; readonly problems: readonly KernelProblem[] };

export interface DetectOptions {
  readonly families?: readonly IpFamily[];
  /** Asked for by a person: nothing is detected. */
  readonly variant?: IptablesVariant | undefined;
}

/** `run` may put what it runs into another network namespace. Nothing that a machine can lack is an exception. */
export async function detectIptables(
  run: RunCommand,
  { families = ipFamilies, variant }: DetectOptions = {},
): Promise<IptablesDetection> {
  const usual = await run('iptables-restore', ['--version']);
  if (usual.kind === 'unstarted') return { kind: 'unable', problems: [unstarted(usual)] };
  const installed = await findInstalled(run, usual);
  const [first, second] = variant === undefined ? installed : installed.filter((tools) => tools.variant === variant);
  if (first === undefined) return { kind: 'unable', problems: [missing(installed, variant)] };
  const choice: VariantChoice =
    second === undefined ? { tools: first, reason: onlyReason(variant) } : await chooseByRules(run, [first, second]);
  const probe = await probeIptables(run, choice.tools, families);
  if (probe.kind === 'unable') return probe;
  const { variant: name, version } = choice.tools;
  const note = `iptables ${version}, variant ${name}: ${choice.reason}`;
  return { kind: 'found', tools: choice.tools, families: probe.families, notes: [note, ...probe.notes] };
}

interface VariantChoice {
  readonly tools: IptablesTools;
  readonly reason: string;
}

function onlyReason(variant: IptablesVariant | undefined): string {
  return variant === undefined ? 'the only one that is installed' : 'asked for';
}

/** `iptables v1.8.9 (nf_tables)`; before 1.8 there was only the legacy variant, and no word for it. */
const versionPattern = /v(\d+\.\d+(?:\.\d+)*)(?: \((legacy|nf_tables)\))?/;

/** The one that this system calls `iptables` first. */
async function findInstalled(run: RunCommand, first: CommandOutcome): Promise<readonly IptablesTools[]> {
  const versionIn = (outcome: CommandOutcome): readonly (string | undefined)[] =>
    versionPattern.exec(stdoutOf(outcome)) ?? [];
  const [, usualVersion, usualName] = versionIn(first);
  const usual: IptablesVariant = usualName === 'nf_tables' ? 'nft' : 'legacy';
  const named: IptablesTools[] = [];
  for (const variant of [usual, usual === 'nft' ? 'legacy' : 'nft'] as const) {
    const command = toolName({ variant, isNamed: true }, 'IPv4', 'restore');
    const [, version] = versionIn(await run(command, ['--version']));
    if (version !== undefined) named.push({ variant, version, isNamed: true });
  }
  if (named.length > 0 || usualVersion === undefined) return named;
  return [{ variant: usual, version: usualVersion, isNamed: false }];
}

function stdoutOf(outcome: CommandOutcome): string {
  return outcome.kind === 'exited' ? outcome.stdout : '';
}

/** The program is there, but the machine has no room for it (EMFILE, ENOMEM), or does not let it run (EACCES). */
function unstarted(outcome: Extract<CommandOutcome, { kind: 'unstarted' }>): KernelProblem {
  const remedy = 'check the limits on open files, processes and memory, and who may execute it';
  return { problem: describeAbsence('iptables-restore', outcome), remedy, detail: '' };
}

function missing(installed: readonly IptablesTools[], variant: IptablesVariant | undefined): KernelProblem {
  const [other] = installed;
  const problem =
    other === undefined
      ? 'there is no iptables-restore in PATH'
      : `there is no iptables-${variant}-restore in PATH, only variant ${other.variant}`;
  const remedy = 'install iptables (Debian: apt-get install iptables), or use --mode nftables';
  return { problem, remedy, detail: '' };
}

/** Both variants are installed; the first is the usual one. */
async function chooseByRules(
  run: RunCommand,
  installed: readonly [IptablesTools, IptablesTools],
): Promise<VariantChoice> {
  const found = await Promise.all(
    installed.map(async (tools) => {
      const saved = await Promise.all(ipFamilies.map((family) => saveAll(run, tools, family)));
      const hint = kubeletOnlyChains.find((chain) => saved.some((chains) => chains.get('mangle')?.has(chain) === true));
      return { tools, hint, rules: saved.reduce((sum, chains) => sum + countRules(chains), 0) };
    }),
  );
  // As iptables-wrappers does: the nft variant goes first where both have a hint.
  const hinted = found.filter(({ hint }) => hint !== undefined);
  const told = hinted.find(({ tools }) => tools.variant === 'nft') ?? hinted[0];
  if (told !== undefined) return { tools: told.tools, reason: `the kubelet's ${told.hint} is there` };
  const [usual, other] = found;
  if (usual === undefined || other === undefined || usual.rules + other.rules === 0) {
    return { tools: installed[0], reason: 'there are no rules yet, and it is the one that this system calls iptables' };
  }
  const [more, fewer] = other.rules > usual.rules ? [other, usual] : [usual, other];
  const rules = more.rules === 1 ? '1 rule' : `${more.rules} rules`;
  return { tools: more.tools, reason: `it has ${rules}, and variant ${fewer.tools.variant} ${fewer.rules}` };
}

/** Without naming a table: naming one makes it in the kernel. */
async function saveAll(run: RunCommand, tools: IptablesTools, family: IpFamily): Promise<SavedChains> {
  const saved = await run(toolName(tools, family, 'save'), []);
  if (!hidesTables(saved)) return splitSaved(stdoutOf(saved));
  try {
    const { text } = await readChainByChain({ run, tools, family, isWanted: () => true, timeoutMs: saveTimeoutMs });
    return splitSaved(text);
  } catch (error) {
    if (error instanceof KernelError) return splitSaved(stdoutOf(saved));
    throw error;
  }
}

function countRules(saved: SavedChains): number {
  const lines = [...saved.values()].flatMap((chains) => [...chains.values()]);
  return lines.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
}
