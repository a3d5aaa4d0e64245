/** `scripts/quickstart`: Services become rules, rules carry real connections, and each is held against what must be. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Agent } from './agent-link.ts';
import { backendOf } from './backend.ts';
import { chooseMode } from './choose-mode.ts';
import { terminalColors } from './colors.ts';
import { kernelHasIpv6, withoutIpv6 } from './families.ts';
import { interruption, listenForEnd } from './interruption.ts';
import { namespacePath, removeKept, removeLeftovers, runPrefix } from './namespaces.ts';
import { help, parseCommand, type Wishes } from './options.ts';
import { readTraffic } from './read-traffic.ts';
import { type FinishedRun, type Record, startRecord } from './record.ts';
import { closing, heading, ruleSummary, seconds, textSpectator } from './render.ts';
import { type CompiledRules, compileRules, exampleFiles, trafficFile } from './rules.ts';
import { runShow, type ShowOptions, type Spectator } from './show.ts';
import { leaveStage, removeStage } from './stage.ts';

const { env } = process;
const colors = terminalColors();

process.exitCode = await main();

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  switch (command.kind) {
    case 'help':
      console.log(help);
      return 0;
    case 'wrong':
      console.error(`quickstart: ${command.why} (--help says more)`);
      return 2;
    case 'removeKept':
      console.log(`removed ${await removeKept(command.run)} namespaces`);
      return 0;
    case 'run':
      return await present(command.wishes);
  }
}

async function present(wishes: Wishes): Promise<number> {
  const end = listenForEnd();
  try {
    return await compileAndConnect(wishes, end.signal);
  } catch (error) {
    const interrupted = interruption(error);
    console.error(`quickstart: ${error instanceof Error ? error.message : String(error)}`);
    return interrupted?.exitCode ?? 1;
  } finally {
    end.stopListening();
  }
}

async function compileAndConnect(wishes: Wishes, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  const say = wishes.json ? () => undefined : (line: string) => console.log(line);
  const hasIpv6 = kernelHasIpv6();
  const families = hasIpv6 ? (['IPv4', 'IPv6'] as const) : (['IPv4'] as const);
  const obstacle = whyNotConnect();
  const { options, remark } = await chooseMode(wishes, families, obstacle);
  const described = readTraffic(trafficFile, options.mode);
  const traffic = hasIpv6 ? described : withoutIpv6(described);
  const backend = backendOf(options);
  const version = obstacle === undefined ? `, ${await backend.version()}` : '';
  const layout = options.mode === 'iptables' ? `, ${options.layout} layout` : '';
  say(`${colors.bold('rulewright quickstart')}  ${options.mode} mode${layout}${version}`);
  if (remark !== undefined) say(`   ${remark}`);

  const rules = await compileRules(exampleFiles(), described.network, options);
  say(heading(1, 'The shop becomes rules', colors));
  say(`   examples/shop, ${exampleFiles().length} files, compiled in ${seconds(rules.elapsedMs)}`);
  for (const line of ruleSummary(rules, backend)) say(line);
  const record = startRecord();
  if (obstacle === undefined) {
    const text = textSpectator({ traffic, colors, say });
    if (!hasIpv6) say('   This kernel has no IPv6: what needs it is left out.');
    await connect({ traffic, options, backend, families, signal }, rules, both(record.spectator, text), say);
  } else {
    say(`\nNo connections were made: ${obstacle}. Making them takes root, because only root may create network`);
    say('namespaces and load rules into them. Nothing outside these namespaces is touched: run it again as root.');
  }
  finish(record, { options, backend, rules, elapsedMs: performance.now() - startedMs, obstacle });
  return record.checks().every(({ held }) => held) ? 0 : 1;
}

type Connect = Pick<ShowOptions, 'traffic' | 'options' | 'backend' | 'families' | 'signal'>;

async function connect(
  task: Connect,
  rules: CompiledRules,
  spectator: Spectator,
  say: (line: string) => void,
): Promise<void> {
  const { keep } = task.options;
  const leftovers = await removeLeftovers();
  if (leftovers > 0) say(`   (removed ${leftovers} namespaces that a killed run had left)`);
  const agents = new Map<string, Agent>();
  const prefix = runPrefix(keep);
  const folder = mkdtempSync(join(tmpdir(), prefix));
  let isDone = false;
  try {
    await runShow(rules, { ...task, prefix, agents, folder }, spectator);
    isDone = true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (keep && isDone) await leaveStage(agents);
    else await removeStage(prefix, agents);
  }
  if (keep) for (const line of keptLines(prefix, task)) say(line);
}

function keptLines(prefix: string, { traffic: { network }, backend }: Connect): string[] {
  const inside = (name: string): string => `ip netns exec ${prefix}${name}`;
  return [
    heading(5, 'Kept', colors),
    `   the node's rules   ${inside(network.node.name)} ${backend.listCommand}`,
    `   a shell in a pod   ${inside('toolbox')} bash`,
    `   all namespaces     ls ${namespacePath(prefix)}*`,
    `   remove it all      scripts/quickstart --remove ${process.pid}`,
  ];
}

interface Ending extends FinishedRun {
  readonly obstacle: string | undefined;
}

function finish(record: Record, ending: Ending): void {
  const { options, elapsedMs, obstacle } = ending;
  if (options.json) {
    const connected = { connected: obstacle === undefined, ...(obstacle === undefined ? {} : { obstacle }) };
    const result = record.toJson(ending);
    console.log(JSON.stringify(Object.assign(connected, result), undefined, 2));
  } else if (obstacle === undefined) {
    const totals = { checks: record.checks(), connections: record.connections(), elapsedMs };
    for (const line of closing(totals, colors)) console.log(line);
  }
}

/** scripts/lib/setup.sh says what it found; without it, root is all that can be told beforehand. */
function whyNotConnect(): string | undefined {
  if (env['RULEWRIGHT_NO_KERNEL_REASON']) return env['RULEWRIGHT_NO_KERNEL_REASON'];
  return process.getuid?.() === 0 ? undefined : 'not root';
}

function both(a: Spectator, b: Spectator): Spectator {
  return {
    built: (...seen) => [a, b].map((each) => each.built(...seen)),
    ruleChecks: (seen) => [a, b].map((each) => each.ruleChecks(seen)),
    called: (seen) => [a, b].map((each) => each.called(seen)),
    changing: () => [a, b].map((each) => each.changing()),
    changed: (seen) => [a, b].map((each) => each.changed(seen)),
  };
}
