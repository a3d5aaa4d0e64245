/** A folder of golden/: what is written by hand in it, and what rulewright makes of that. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { compileText } from '../../../src/cli/compile/options.ts';
import { describeCommand } from '../../../src/cli/flags/describe.ts';
import type { CompileSettings } from '../../../src/cli/flags/settings.ts';
import { readCompileFlags } from '../../../src/cli/flags/settings.ts';
import { findThisNode } from '../../../src/cli/inputs/this-node.ts';
import { diagnosticRenderer } from '../../../src/cli/output/render-diagnostics.ts';
import { type Compilation, compile } from '../../../src/core/compiler.ts';
import { type IpAddress, ipFamilies, parseIpAddress } from '../../../src/core/model/address.ts';
import type { IptablesLayout, ProxyMode } from '../../../src/core/model/config.ts';
import type { Manifest } from '../../../src/core/model/objects.ts';
import type { TraceHost } from '../../../src/core/model/packet.ts';
import { printRules } from '../../../src/core/rules.ts';
import { emptySnapshot, reduce } from '../../../src/core/snapshot/snapshot.ts';
import { loadObjects } from '../../../src/files/load-objects.ts';
import { withPlaces } from '../../../src/files/object-index.ts';
import { describePlan } from './describe-plan.ts';
import { type PacketLine, parsePacketLines } from './packet-line.ts';

/** The ways in which every case is compiled. */
export const variants = [
  { name: 'iptables', mode: 'iptables', layout: 'fast' },
  { name: 'iptables-kube-proxy', mode: 'iptables', layout: 'kube-proxy' },
  { name: 'nftables', mode: 'nftables', layout: 'fast' },
] as const satisfies readonly { name: string; mode: ProxyMode; layout: IptablesLayout }[];

export type VariantName = (typeof variants)[number]['name'];

export interface GoldenCase {
  readonly name: string;
  readonly goal: string;
  readonly packets: readonly PacketLine[];
  readonly host: TraceHost;
  readonly compilations: Readonly<Record<VariantName, Compilation>>;
  /** What `npm run golden:accept` writes, by file name. */
  readonly made: ReadonlyMap<string, string>;
  /** What lies in the folder, by file name. */
  readonly accepted: ReadonlyMap<string, string>;
}

export const goldenFolder = fileURLToPath(new URL('../../../golden', import.meta.url));
const handWritten = ['input.yaml', 'packets.txt'];

/** The case without a Service. Rules of other cases that are the same as there are named instead of repeated. */
const emptyCase = 'no-services';
const namesOfSame = 'as-no-services.txt';

/** Folders with cases of another kind, which have tests of their own. */
const otherKinds: readonly string[] = ['updates', 'forecast', 'explain', 'verify'];

/** The names of all cases. */
export function goldenCases(): readonly string[] {
  const entries = readdirSync(goldenFolder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !otherKinds.includes(entry.name)).map(({ name }) => name);
}

/** Reads a case and compiles it in all variants. */
export async function readGoldenCase(name: string): Promise<GoldenCase> {
  const golden = await readWholeCase(name);
  if (name === emptyCase) return golden;
  emptyRules ??= readWholeCase(emptyCase).then(({ made }) => made);
  return { ...golden, made: nameSameFiles(golden.made, await emptyRules) };
}

let emptyRules: Promise<ReadonlyMap<string, string>> | undefined;

/** Files of rules that are byte for byte those of the case without a Service become lines of one file. */
function nameSameFiles(
  made: ReadonlyMap<string, string>,
  empty: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const same = [...made.keys()].filter((file) => isRules(file) && made.get(file) === empty.get(file));
  if (same.length === 0) return made;
  const own = [...made].filter(([file]) => !same.includes(file));
  return new Map([...own, [namesOfSame, same.map((file) => `../${emptyCase}/${file}\n`).join('')]]);
}

function isRules(file: string): boolean {
  return /\.(rules|nft)$/.test(file);
}

async function readWholeCase(name: string): Promise<GoldenCase> {
  const folder = join(goldenFolder, name);
  const text = readFileSync(join(folder, 'input.yaml'), 'utf8');
  const header = readHeader(text);
  const loaded = await loadObjects([{ name: 'input.yaml', index: 0, text }]);
  const [fast, linear, nftables] = variants.map((variant) => compileVariant(loaded.manifests, header.flags, variant));
  if (fast === undefined || linear === undefined || nftables === undefined) throw new Error('a variant is missing');
  const compilations = {
    iptables: fast.compilation,
    'iptables-kube-proxy': linear.compilation,
    nftables: nftables.compilation,
  };
  const findings = [...loaded.findings, ...fast.diagnostics.map((diagnostic) => ({ diagnostic }))];
  const told = withPlaces(findings, loaded.objects).map(diagnosticRenderer(false)).join('');
  return {
    name,
    goal: header.goal,
    packets: parsePacketLines(readFileSync(join(folder, 'packets.txt'), 'utf8')),
    host: { addresses: [...(fast.node?.addresses ?? []), ...header.host] },
    compilations,
    made: madeFiles(compilations, told),
    accepted: acceptedFiles(folder),
  };
}

/** Compiles what an input file holds in one variant. */
export function compileVariant(
  manifests: readonly Manifest[],
  flags: readonly string[],
  { mode, layout }: (typeof variants)[number],
) {
  const settings = settingsOf([...flags, '--mode', mode, '--layout', layout]);
  const { config, node, diagnostics } = findThisNode(settings, manifests, 'golden');
  const nodes = node === undefined ? [] : [{ kind: 'Node', object: node } as const];
  const events = [...manifests, ...nodes].map((manifest) => ({ type: 'set', manifest }) as const);
  const compilation = compile(reduce(emptySnapshot, events), config);
  return {
    node,
    compilation,
    diagnostics: [...settings.findings.map(({ diagnostic }) => diagnostic), ...diagnostics, ...compilation.diagnostics],
  };
}

/** Makes what is made the accepted state of the folder. */
export function acceptGoldenCase({ name, made, accepted }: GoldenCase): void {
  const folder = join(goldenFolder, name);
  for (const file of accepted.keys()) if (!made.has(file)) rmSync(join(folder, file));
  for (const [file, text] of made) writeFileSync(join(folder, file), text);
}

interface Header {
  readonly goal: string;
  readonly flags: readonly string[];
  readonly host: readonly IpAddress[];
}

/** The comment lines that input.yaml begins with: `# goal: …`, `# flags: …`, `# host: …`; indented lines go on. */
export function readHeader(text: string): Header {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const parts = new Map<string, string>();
  let key = '';
  for (const line of lines.slice(0, end)) {
    const start = /^# (goal|flags|host): (.*)$/.exec(line);
    key = start?.[1] ?? key;
    parts.set(key, `${parts.get(key) ?? ''} ${start?.[2] ?? line.slice(1).trim()}`.trim());
  }
  const words = (name: string) => (parts.get(name) ?? '').split(/[\s]+/).filter((word) => word !== '');
  return { goal: parts.get('goal') ?? '', flags: words('flags'), host: words('host').map(addressOf) };
}

function addressOf(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

function settingsOf(flags: readonly string[]): CompileSettings {
  const command = describeCommand(new Command(), compileText).exitOverride();
  command.parse(['--filename', 'input.yaml', ...flags], { from: 'user' });
  const result = readCompileFlags(command.opts());
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.settings;
}

function madeFiles(compilations: GoldenCase['compilations'], diagnostics: string): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  const plans = ipFamilies.flatMap((family) => compilations.iptables.plans[family] ?? []).map(describePlan);
  made.set('plan.txt', plans.join('\n'));
  for (const family of ipFamilies) {
    const texts = variants.map(({ name }) => ({ name, text: printOf(compilations[name], family) }));
    for (const { name, text } of texts) {
      // Where both layouts give the same rules, one file says so.
      if (name === 'iptables-kube-proxy' && text === texts[0]?.text) continue;
      made.set(`${name}-${family.toLowerCase()}.${name === 'nftables' ? 'nft' : 'rules'}`, text);
    }
  }
  if (diagnostics !== '') made.set('diagnostics.txt', diagnostics);
  return made;
}

function printOf({ rules }: Compilation, family: (typeof ipFamilies)[number]): string {
  const ofFamily = rules[family];
  return ofFamily === undefined ? '' : printRules(ofFamily);
}

function acceptedFiles(folder: string): ReadonlyMap<string, string> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => !handWritten.includes(file)) : [];
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
