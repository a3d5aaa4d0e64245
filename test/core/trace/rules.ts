/** Short ways to write rulesets and packets in the tests of the tracer. */

import { parsePacketLines } from '../../../scripts/lab/golden/packet-line.ts';
import { parseRuleset } from '../../../src/core/iptables/listing/parse.ts';
import type { IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import type { IpFamily } from '../../../src/core/model/address.ts';
import type { Packet } from '../../../src/core/model/packet.ts';

/** Reads a ruleset that must make sense. */
export function rulesetOf(text: string, family: IpFamily = 'IPv4'): IptablesRuleset {
  const { ruleset, problems } = parseRuleset(family, text);
  if (problems.length > 0) throw new Error(problems.map(({ line, problem }) => `line ${line}: ${problem}`).join('; '));
  return ruleset;
}

/** Reads `SOURCE in INTERFACE -> DESTINATION:PORT/PROTOCOL` or `SOURCE sent -> …`. */
export function packetOf(text: string): Packet {
  const [line] = parsePacketLines(`${text} => ?`);
  if (line === undefined) throw new Error(`not a packet: ${text}`);
  return line.packet;
}
