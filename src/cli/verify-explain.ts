/** The command line that tells more about a packet. */
import { formatHostPort } from '../core/model/address.ts';
import type { Packet } from '../core/model/packet.ts';
import { terminalText } from './terminal-text.ts';
import type { VerifyFlags } from './verify-flags.ts';

export type Inputs = Pick<VerifyFlags, 'filename' | 'dump' | 'mode' | 'hostnameOverride'>;

/** For a shell, with the inputs that `verify` was given. */
export function explainCommand(packet: Packet, { filename = [], dump, mode, hostnameOverride }: Inputs): string {
  const { source, destination, protocol, port, inputInterface, remembered } = packet;
  const words = [
    'rulewright explain',
    ...filename.map((path) => `-f ${shellWord(path)}`),
    ...(dump === undefined ? [] : [`--dump ${shellWord(dump)}`]),
    ...(mode === undefined ? [] : [`--mode ${shellWord(mode)}`]),
    ...(hostnameOverride === undefined ? [] : [`--hostname-override ${shellWord(hostnameOverride)}`]),
    source,
    shellWord(formatHostPort(destination, port)),
    `--proto ${protocol.toLowerCase()}`,
    ...(inputInterface === undefined ? [] : [`--interface ${shellWord(inputInterface)}`]),
    ...(remembered === undefined ? [] : [`--remembered ${shellWord(remembered)}`]),
  ];
  return words.join(' ');
}

function shellWord(word: string): string {
  const text = terminalText(word);
  return /^[A-Za-z0-9_.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
