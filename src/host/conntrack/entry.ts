/** What the conntrack tool is told and what it says. */
import type { IpFamily } from '../../core/model/address.ts';

/** An address and a UDP port as conntrack writes them: `10.96.0.10 53`, `fd00::10 53`. */
export type Endpoint = string;

export function endpointText(address: string, port: number | string): Endpoint {
  return `${address} ${port}`;
}

/** The UDP entries of a family, one a line. */
export function listArguments(family: IpFamily): readonly string[] {
  return ['-L', '-p', 'udp', '-f', family.toLowerCase()];
}

/** Where a client sent to; undefined for a line that is no UDP entry. Cheap: it is asked of each line. */
export function originalDestination(line: string): Endpoint | undefined {
  const address = wordAfter(line, ' dst=', 0);
  const port = wordAfter(line, ' dport=', 0);
  return address === undefined || port === undefined ? undefined : endpointText(address, port);
}

/** Who answers the client: the endpoint that the flow was sent on to, or the original destination where it was not. */
export function replySource(line: string): Endpoint | undefined {
  const reply = line.lastIndexOf(' src=');
  const address = wordAfter(line, ' src=', reply);
  const port = wordAfter(line, ' sport=', reply);
  return address === undefined || port === undefined ? undefined : endpointText(address, port);
}

function wordAfter(line: string, key: string, from: number): string | undefined {
  const at = line.indexOf(key, Math.max(from, 0));
  if (at < 0) return undefined;
  const start = at + key.length;
  const end = line.indexOf(' ', start);
  return line.slice(start, end < 0 ? undefined : end);
}

/** Flows to forget: all to a destination, or those of them that this source answers. */
export interface StaleFlows {
  readonly destination: Endpoint;
  readonly replySource: Endpoint | undefined;
}

/** Deletes them. Values that are no address and port, which no kernel writes, are a bug: it throws. */
export function deletionArguments(
  family: IpFamily,
  { destination, replySource: source }: StaleFlows,
): readonly string[] {
  const [address, port] = checkedWords(destination);
  const flows = ['-D', '-p', 'udp', '-f', family.toLowerCase(), '-d', address, '--dport', port];
  if (source === undefined) return flows;
  const [replyAddress, replyPort] = checkedWords(source);
  return [...flows, '-r', replyAddress, '--reply-port-src', replyPort];
}

function checkedWords(endpoint: Endpoint): readonly [string, string] {
  const words = /^([0-9a-f.:]+) ([0-9]+)$/.exec(endpoint);
  if (words === null) throw new Error(`not an address and a port: ${JSON.stringify(endpoint)}`);
  return [words[1] ?? '', words[2] ?? ''];
}
