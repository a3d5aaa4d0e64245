/** What an unknown flag most likely means, where its letters alone do not tell. */
import { nearestName } from '../core/structures/nearest.ts';
import { commands } from './commands.ts';
import type { FlagUse } from './flags/table.ts';

/** Names from other commands, and from other programs, for what a command calls otherwise. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  '-f': ['filename', 'manifests'],
  filename: ['manifests'],
  file: ['filename', 'manifests'],
  mode: ['proxy-mode'],
  'node-name': ['hostname-override'],
  hostname: ['hostname-override'],
  node: ['hostname-override'],
  'pod-cidr': ['cluster-cidr'],
  backend: ['mode', 'proxy-mode', 'against'],
};

/** `--proxy-mode` for `unknown option '--mode'` of `run`; undefined where there is nothing better than no word. */
export function suggestionFor(command: string, message: string): string | undefined {
  const given = /unknown option '([^'=]*)/.exec(message)?.[1] ?? '';
  const name = given.startsWith('--') ? given.slice(2) : given;
  const known = Object.values(commands[command]?.text.groups ?? {})
    .flat()
    .map(nameOf);
  const meant =
    (Object.hasOwn(otherNames, name) ? otherNames[name] : undefined)?.find((other) => known.includes(other)) ??
    known.find((each) => name.length >= 4 && (each.endsWith(`-${name}`) || each.startsWith(`${name}-`))) ??
    nearestName(name, known);
  return meant === undefined ? undefined : `--${meant}`;
}

function nameOf(use: FlagUse): string {
  return typeof use === 'string' ? use : use[0];
}
