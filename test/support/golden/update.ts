/** A folder of golden/updates/: two inputs, and the transactions that take a node from one to the other. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileVariant, goldenFolder, readHeader, variants } from '../../../scripts/lab/golden/case.ts';
import type { ProxyMode } from '../../../src/core/model/config.ts';
import { diffRules, type Rules } from '../../../src/core/rules.ts';
import { loadObjects } from '../../../src/files/load-objects.ts';

export interface GoldenUpdate {
  readonly name: string;
  readonly goal: string;
  /** The IPv4 transactions, exactly as they are sent; empty where nothing changes. */
  readonly made: Readonly<Record<ProxyMode, string>>;
  readonly accepted: Readonly<Record<ProxyMode, string | undefined>>;
}

const updatesFolder = join(goldenFolder, 'updates');
const modes: readonly ProxyMode[] = ['iptables', 'nftables'];

/** The names of all updates. */
export function goldenUpdates(): readonly string[] {
  const entries = readdirSync(updatesFolder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Reads both inputs of an update and compares what they are compiled to. Goal and flags stand in after.yaml. */
export async function readGoldenUpdate(name: string): Promise<GoldenUpdate> {
  const folder = join(updatesFolder, name);
  const { goal, flags } = readHeader(readFileSync(join(folder, 'after.yaml'), 'utf8'));
  const [before, after] = [await rulesOf(folder, 'before.yaml', flags), await rulesOf(folder, 'after.yaml', flags)];
  const transaction = (mode: ProxyMode): string => diffRules(before[mode], after[mode]).text;
  return {
    name,
    goal,
    made: { iptables: transaction('iptables'), nftables: transaction('nftables') },
    accepted: { iptables: acceptedText(folder, 'iptables'), nftables: acceptedText(folder, 'nftables') },
  };
}

/** Makes what is made the accepted state of the folder. */
export function acceptGoldenUpdate({ name, made }: GoldenUpdate): void {
  for (const mode of modes) writeFileSync(join(updatesFolder, name, `${mode}.txt`), made[mode]);
}

async function rulesOf(folder: string, file: string, flags: readonly string[]): Promise<Record<ProxyMode, Rules>> {
  const { manifests } = await loadObjects([{ name: file, index: 0, text: readFileSync(join(folder, file), 'utf8') }]);
  const ofMode = (mode: ProxyMode): Rules => {
    const variant = variants.find((each) => each.mode === mode);
    const rules = variant && compileVariant(manifests, flags, variant).compilation.rules.IPv4;
    if (rules === undefined) throw new Error(`${file} was not compiled in ${mode} mode`);
    return rules;
  };
  return { iptables: ofMode('iptables'), nftables: ofMode('nftables') };
}

function acceptedText(folder: string, mode: ProxyMode): string | undefined {
  const path = join(folder, `${mode}.txt`);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
