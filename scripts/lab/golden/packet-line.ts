/** One line of a golden case's packets.txt, and nothing else, so that the file is readable alone. */
import { parseIpAddress } from '../../../src/core/model/address.ts';
import type { ProxyMode } from '../../../src/core/model/config.ts';
import type { Protocol } from '../../../src/core/model/objects.ts';
import type { CtStateOfPacket, Packet } from '../../../src/core/model/packet.ts';

export interface PacketLine {
  readonly line: number;
  readonly packet: Packet;
  /** As `formatDistribution` writes it. */
  readonly verdict: Readonly<Record<ProxyMode, string>>;
}

const shape = new RegExp(
  [
    '^(?<source>\\S+) (?:in (?<interface>\\S+)|sent)',
    ' -> (?<destination>\\S+):(?<port>\\d+)/(?<protocol>TCP|UDP|SCTP)',
    '(?: remembers (?<remembered>\\S+))?(?: (?<ctState>established|invalid))?',
    ' => (?<verdict>[^|]+?)(?: [|] nftables (?<nftables>[^|]+))?$',
  ].join(''),
);

/**
 * Reads packets.txt: `SOURCE in INTERFACE -> DESTINATION:PORT/PROTOCOL => VERDICT`, with `sent` for what the node
 * itself sends, `established` or `invalid` before `=>` for a packet that does not open a connection, IPv6 in brackets
 * before a port, runs of spaces allowed, `#` for comments.
 */
export function parsePacketLines(text: string): readonly PacketLine[] {
  return text.split('\n').flatMap((raw, i) => {
    const words = raw.trim().replace(/\s+/g, ' ');
    return words === '' || words.startsWith('#') ? [] : [parseLine(words, i + 1)];
  });
}

function parseLine(words: string, line: number): PacketLine {
  const parts = shape.exec(words)?.groups;
  if (parts === undefined) throw new Error(`packets.txt:${line}: not a packet and its verdict: ${words}`);
  const source = parseIpAddress(parts['source'] ?? '');
  const destination = parseIpAddress((parts['destination'] ?? '').replace(/^\[|\]$/g, ''));
  if (source === undefined || destination === undefined)
    throw new Error(`packets.txt:${line}: not an address: ${words}`);
  const packet: Packet = {
    source,
    destination,
    port: Number(parts['port']),
    protocol: parts['protocol'] as Protocol,
    ...(parts['interface'] === undefined ? {} : { inputInterface: parts['interface'] }),
    ...(parts['remembered'] === undefined ? {} : { remembered: parts['remembered'] }),
    ...(parts['ctState'] === undefined ? {} : { ctState: parts['ctState'] as CtStateOfPacket }),
  };
  const verdict = parts['verdict'] ?? '';
  return { line, packet, verdict: { iptables: verdict, nftables: parts['nftables'] ?? verdict } };
}
