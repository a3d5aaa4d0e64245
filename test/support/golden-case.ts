/** A folder of golden/: what is written by hand in it, and what rulewright makes of that. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describeCompile } from '../../src/cli/compile-options.ts';
import { type CompileSettings, readFlags } from '../../src/cli/flags.ts';
import { loadObjects } from '../../src/cli/load-objects.ts';
import { withPlaces } from '../../src/cli/object-index.ts';
import { diagnosticRenderer } from '../../src/cli/render-diagnostics.ts';
import { findThisNode } from '../../src/cli/this-node.ts';
import { type Compilation, compile } from '../../src/core/compile.ts';
import { printRuleset } from '../../src/core/iptables/print.ts';
import { type IpAddress, ipFamilies } from '../../src/core/model/address.ts';
import type { IptablesLayout } from '../../src/core/model/config.ts';
import type { TraceHost } from '../../src/core/model/packet.ts';
import { describePlan } from './describe-plan.ts';
import { ip, snapshotOfManifests } from './objects.ts';
import { type PacketLine, parsePacketLines } from './packet-line.ts';

export const layouts: readonly IptablesLayout[] = ['fast', 'kube-proxy'];

export interface GoldenCase {
  readonly name: string;
  readonly goal: string;
  readonly packets: readonly PacketLine[];
  readonly host: TraceHost;
  readonly compilations: Readonly<Record<IptablesLayout, Compilation>>;
  /** What `npm run golden:accept` writes, by file name. */
  readonly made: ReadonlyMap<string, string>;
  /** What lies in the folder, by file name. */
  readonly accepted: ReadonlyMap<string, string>;
}

const goldenFolder = fileURLToPath(new URL('../../golden', import.meta.url));
const handWritten = ['input.yaml', 'packets.txt'];

/** The names of all cases. */
export function goldenCases(): readonly string[] {
  const entries = readdirSync(goldenFolder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Reads a case and compiles it in both layouts. */
export async function readGoldenCase(name: string): Promise<GoldenCase> {
  const folder = join(goldenFolder, name);
  const text = readFileSync(join(folder, 'input.yaml'), 'utf8');
  const header = readHeader(text);
  const settings = settingsOf(header.flags);
  const loaded = await loadObjects([{ name: 'input.yaml', index: 0, text }]);
  const { config, node, diagnostics } = findThisNode(settings, loaded.manifests, 'golden');
  const nodes = node === undefined ? [] : [{ kind: 'Node', object: node } as const];
  const snapshot = snapshotOfManifests([...loaded.manifests, ...nodes]);
  const compilations = {
    fast: compile(snapshot, { ...config, layout: 'fast' }),
    'kube-proxy': compile(snapshot, { ...config, layout: 'kube-proxy' }),
  };
  const unplaced = [...settings.diagnostics, ...diagnostics, ...compilations.fast.diagnostics];
  const findings = [...loaded.findings, ...unplaced.map((diagnostic) => ({ diagnostic }))];
  const told = withPlaces(findings, loaded.documents).map(diagnosticRenderer(false)).join('');
  return {
    name,
    goal: header.goal,
    packets: parsePacketLines(readFileSync(join(folder, 'packets.txt'), 'utf8')),
    host: { addresses: [...(node?.addresses ?? []), ...header.host] },
    compilations,
    made: madeFiles(compilations, told),
    accepted: acceptedFiles(folder),
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
function readHeader(text: string): Header {
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
  return { goal: parts.get('goal') ?? '', flags: words('flags'), host: words('host').map(ip) };
}

function settingsOf(flags: readonly string[]): CompileSettings {
  const command = describeCompile(new Command()).exitOverride();
  command.parse(['--filename', 'input.yaml', ...flags], { from: 'user' });
  const result = readFlags(command.opts());
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.settings;
}

function madeFiles(compilations: GoldenCase['compilations'], diagnostics: string): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  const { fast, 'kube-proxy': linear } = compilations;
  const plans = ipFamilies.flatMap((family) => fast.plans[family] ?? []).map(describePlan);
  made.set('plan.txt', plans.join('\n'));
  for (const family of ipFamilies) {
    const rules = printOf(fast, family);
    const linearRules = printOf(linear, family);
    made.set(`iptables-${family.toLowerCase()}.rules`, rules);
    // Where both layouts give the same rules, one file says so.
    if (linearRules !== rules) made.set(`iptables-${family.toLowerCase()}-kube-proxy.rules`, linearRules);
  }
  if (diagnostics !== '') made.set('diagnostics.txt', diagnostics);
  return made;
}

function printOf({ rulesets }: Compilation, family: (typeof ipFamilies)[number]): string {
  const ruleset = rulesets[family];
  return ruleset === undefined ? '' : printRuleset(ruleset);
}

function acceptedFiles(folder: string): ReadonlyMap<string, string> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => !handWritten.includes(file)) : [];
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
