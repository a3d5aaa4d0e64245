/** `scripts/quickstart`: compiles Services, makes real connections through the rules, and checks each result. */
import process from 'node:process';
import { installProgram } from '../lab/program/install.ts';
import { backendOf } from './backend/choose.ts';
import { chooseMode } from './choose-mode.ts';
import { connect } from './connect.ts';
import { kernelHasIpv6, withoutIpv6 } from './description/ipv4-only.ts';
import { readTraffic } from './description/read.ts';
import { compileRules, trafficFile } from './node/rules.ts';
import { help, parseCommand, type Wishes } from './options.ts';
import { terminalColors } from './output/colors.ts';
import { type FinishedRun, type Record, startRecord } from './output/record.ts';
import { closing, heading, ruleSummary, seconds, textSpectator } from './output/render.ts';
import { withRunFolder } from './run/folder.ts';
import { interruption, listenForEnd } from './run/interruption.ts';
import { removeKept } from './run/leftovers.ts';
import type { Spectator } from './show.ts';

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

  const record = startRecord();
  const rules = await withRunFolder(options.keep && obstacle === undefined, async (folder, prefix) => {
    const program = await installProgram(folder);
    const compiled = await compileRules(program, described.network, options);
    say(heading(1, 'Compiling the shop', colors));
    say(`   examples/shop, ${compiled.files} files, compiled in ${seconds(compiled.elapsedMs)}`);
    for (const line of ruleSummary(compiled, backend)) say(line);
    if (obstacle === undefined) {
      if (!hasIpv6) say('   This kernel has no IPv6: skipping IPv6.');
      const place = { folder, program, families, namespace: `${prefix}${traffic.network.node.name}` };
      const task = { traffic, options, backend, prefix, place, signal, colors, say };
      await connect(task, both(record.spectator, textSpectator(task)));
    } else {
      say(`\nNo connections were made: ${obstacle}. They need root, because only root may create network`);
      say('namespaces and load rules into them. Nothing outside these namespaces is touched: run it again as root.');
    }
    return compiled;
  });
  finish(record, { options, backend, rules, elapsedMs: performance.now() - startedMs, obstacle });
  return record.checks().every(({ held }) => held) ? 0 : 1;
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

/** scripts/lib/setup.sh reports what is missing; without it, only root can be checked in advance. */
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
    answered: (seen) => [a, b].map((each) => each.answered(seen)),
  };
}
