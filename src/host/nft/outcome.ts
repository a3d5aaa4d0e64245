/** What nft means by its messages. */
import type { Rejection } from '../apply-outcome.ts';

/** Rules refer to something that is not there, or something is there already, or is in use. */
const baseIsWrong = /No such file or directory|File exists|Device or resource busy/;

/** About the machine, not about the text. */
const toolFails: readonly string[] = [
  'Operation not permitted',
  'Permission denied',
  'No buffer space available',
  'Cannot allocate memory',
  'Message too long',
  'Interrupted system call',
  'Resource temporarily unavailable',
  'cache initialization failed',
  'Unable to initialize Netlink socket',
];

/** Reads standard error of `nft -f -`: `/dev/stdin:2:31-37: Error: Could not process rule: File exists`. */
export function explainNft(stderr: string): Rejection {
  const [, lineText, said = ''] = /^\S*?:(\d+):\d+-\d+: Error: (.*)$/m.exec(stderr) ?? [];
  const message = lineText === undefined ? stderr : said;
  const line = lineText === undefined ? {} : { line: Number(lineText) };
  if (toolFails.some((phrase) => message.includes(phrase))) return { reason: 'tool', ...line };
  return { reason: baseIsWrong.test(message) ? 'base' : 'refused', ...line };
}
