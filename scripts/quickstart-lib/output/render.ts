/** The show as text for a person, 80 to 100 columns wide. */

import type { Backend } from '../backend/backend.ts';
import type { Check } from '../calls/expectations.ts';
import type { Traffic } from '../description/traffic.ts';
import type { Reaction } from '../node/keeper.ts';
import type { CompiledRules } from '../node/rules.ts';
import type { Answers, ChangeResult, Spectator } from '../show.ts';
import type { Colors } from './colors.ts';
import { complaints, markOf, serviceLines, tableHead } from './table.ts';

const width = 98;

interface RenderOptions {
  readonly traffic: Traffic;
  readonly colors: Colors;
  readonly say: (line: string) => void;
}

export function heading(number: number, title: string, colors: Colors): string {
  return `\n${colors.bold(`${number}  ${title}`)}`;
}

/** `IPv4  nat 121 rules in 44 chains · filter …` for each family. */
export function ruleSummary(rules: CompiledRules, { count }: Backend): string[] {
  return (['IPv4', 'IPv6'] as const).map((family) => {
    const tables = count(rules.texts[family]).filter((each) => each.rules > 0);
    const parts = tables.map(({ table, rules: number, chains, elements }) => {
      const inSets = elements === undefined ? '' : `, ${elements} elements in sets and maps`;
      return `${table} ${number} rules in ${chains} chains${inSets}`;
    });
    return `   ${family}  ${parts.join(' · ')}`;
  });
}

export function textSpectator({ traffic, colors, say }: RenderOptions): Spectator {
  return {
    built: ({ namespaces }, buildMs, { elapsedMs }) => {
      const { node, otherNodes, pods } = traffic.network;
      const nodes = [node, ...otherNodes].map(({ name }) => {
        return `${name} with ${pods.filter((pod) => pod.node === name).length} pods`;
      });
      say(heading(2, 'A separate test network', colors));
      say(`   ${nodes.join(', ')}, and hosts outside the cluster`);
      say(`   ${namespaces.length} namespaces built in ${seconds(buildMs)}`);
      say(`   rulewright run keeps ${node.name}; every Service was programmed ${seconds(elapsedMs)} after its start`);
    },
    ruleChecks: (checks) => {
      for (const line of complaints(checks, colors)) say(line);
      say(heading(3, 'Real connections', colors));
      say(colors.dim("   sees: the address that the pod sees, the caller's or the node's (masqueraded)"));
      say(tableHead(colors));
    },
    called: (result) => {
      say(`   ${colors.bold(result.traffic.service)}  ${colors.dim(result.traffic.shows)}`);
      for (const line of serviceLines(result, colors)) say(line);
    },
    changing: () => say(heading(4, `A pod goes away: ${traffic.change.shows}`, colors)),
    changed: (result) => {
      for (const line of changeLines(result, traffic, colors)) say(line);
    },
    answered: (answers) => {
      say(heading(5, 'What the daemon answers', colors));
      for (const line of answerLines(answers, traffic, colors)) say(line);
    },
  };
}

function changeLines(result: ChangeResult, { change }: Traffic, colors: Colors): string[] {
  const { reaction, kept, newCalls } = result;
  const sendMs = reaction.transactions.reduce((sum, { applyMs }) => sum + applyMs, 0);
  const delay = seconds(reaction.elapsedMs);
  const keptText = [...kept.byPod].sort().map(([pod, count]) => `${count} to ${pod}`);
  return [
    `   ${change.replaces} is edited in the daemon's folder; ${delay} later the kernel has the change.`,
    `   The whole transaction, applied in ${seconds(sendMs)}:`,
    ...transactionLines(reaction, colors),
    ...complaints(result.ruleChecks, colors),
    '   new connections:',
    ...serviceLines(newCalls, colors),
    `   ${change.kept.connections} connections of ${change.kept.from}, opened before and used again now, still reach`,
    `   the same pods: ${keptText.join(', ')} ${markOf(kept.checks, colors)}`,
    ...complaints(kept.checks, colors),
  ];
}

/** From the explanation: where the packet goes, and why not to the removed pod. */
function answerLines({ explanation, proof }: Answers, { change }: Traffic, colors: Colors): string[] {
  const told = [explanation[1] ?? '', ...explanation.filter((line) => line.includes(change.leaves))];
  const from = `${change.kept.from} → ${change.kept.to.text}`;
  const proven = proof.map(({ text }) => text).join(', ');
  return [
    `   explain  ${colors.dim(from)}`,
    ...told.map((line) => `     ${line.replace(/^\W+/, '')}`),
    `   verify   ${colors.dim('do the rules in the kernel match the Services?')}`,
    `     ${proven} ${markOf(proof, colors)}`,
  ];
}

/** The transaction without comments, wrapped to the width of the terminal. */
function transactionLines({ transactions }: Reaction, colors: Colors): string[] {
  const sent = transactions.flatMap(({ text }) => text.split('\n'));
  return sent
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const lines = wrap(line.replace(/ -m comment --comment ("(?:[^"\\]|\\.)*"|\S+)/, ''), width - 9);
      const color = /^(delete|flush|-D|-X)/.test(line)
        ? colors.red
        : /^(add|-A|-I)/.test(line)
          ? colors.green
          : undefined;
      return lines.map((text, i) => `${i === 0 ? '     ' : '         '}${color === undefined ? text : color(text)}`);
    });
}

/** Breaks at spaces. */
function wrap(text: string, columns: number): string[] {
  if (text.length <= columns) return [text];
  const at = text.lastIndexOf(' ', columns);
  return at < 1 ? [text] : [text.slice(0, at), ...wrap(text.slice(at + 1), columns)];
}

export interface Totals {
  readonly checks: readonly Check[];
  readonly connections: number;
  readonly elapsedMs: number;
}

export function closing({ checks, connections, elapsedMs }: Totals, colors: Colors): string[] {
  const failed = checks.filter(({ held }) => !held);
  const made = `${connections.toLocaleString('en')} connections, ${seconds(elapsedMs)} in all`;
  if (failed.length === 0) return ['', `${colors.green(`all ${checks.length} expectations held`)} (${made})`];
  const list = failed.map(({ text }) => `  ✗ ${text}`);
  return ['', ...list, `${colors.red(`${failed.length} of ${checks.length} expectations did not hold`)} (${made})`];
}

export function seconds(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
