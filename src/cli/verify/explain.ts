/** The `explain` command line for a packet of a proof. */
import { formatHostPort } from '../../core/model/address.ts';
import type { Packet } from '../../core/model/packet.ts';
import { terminalText } from '../../core/structures/safe-text.ts';
import type { GivenFlags } from '../flags/table.ts';

/** Flags that are about the proof and not about packets. */
const ownFlags = ['against', 'allBackends', 'acceptDeviations', 'output', 'strict', 'verbose', 'color', 'ipFamily'];

/** For a shell, with the flags that `verify` was given. */
export function explainCommand(packet: Packet, given: GivenFlags): string {
  const { source, destination, protocol, port, inputInterface, remembered } = packet;
  const flags = Object.entries(given).filter(([name]) => !ownFlags.includes(name));
  const words = [
    source,
    shellWord(formatHostPort(destination, port)),
    `--proto ${protocol.toLowerCase()}`,
    ...(inputInterface === undefined ? [] : [`--interface ${shellWord(inputInterface)}`]),
    ...(remembered === undefined ? [] : [`--remembered ${shellWord(remembered)}`]),
    ...flags.flatMap(([name, value]) => flagWords(name, value)),
  ];
  return `rulewright explain ${words.join(' ')}`;
}

function flagWords(name: string, value: unknown): readonly string[] {
  const flag = name === 'filename' ? '-f' : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === true) return [flag];
  return [value].flat().map((each) => `${flag} ${shellWord(String(each))}`);
}

function shellWord(word: string): string {
  const text = terminalText(word);
  return /^[A-Za-z0-9_.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
