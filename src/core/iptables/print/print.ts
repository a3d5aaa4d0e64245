/**
 * Rules to text, exactly as iptables-save 1.8.9 (Debian 12) prints them, legacy and nft variant alike, so that a
 * ruleset that is loaded and saved gives the same lines. The tools print addresses, interfaces and protocol first and
 * then the matches as they were given; the order here is the one in which rulewright gives them.
 *
 * The one exception: an IPv6 address within ::/96, which inet_ntop shows with a dotted quad and RFC 5952 does not.
 */
import { formatHostPort, type IpFamily } from '../../model/address.ts';
import { memoizeFor } from '../../structures/memoize.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset, IptablesTarget, Table } from '../ruleset.ts';
import { checkAddress, checkMark, checkPort, checkWord, hex, quoteWord } from '../words.ts';
import { printMatch } from './match.ts';

/**
 * The complete input of `iptables-restore`. A built-in chain without a policy gets `-`, which leaves the one in the
 * kernel alone, except that the nft variant without `--noflush` makes it ACCEPT.
 *
 * Throws an Error for a value that could not be loaded or would be read as something else: that is a bug of ours.
 */
export function printRuleset(ruleset: IptablesRuleset): string {
  return ruleset.tables.map((table) => printTable(ruleset.family, table)).join('');
}

/** A line `-A CHAIN …`, without the line's end. */
export function printRule(family: IpFamily, chainName: string, rule: IptablesRule): string {
  return `-A ${checkWord('chain', chainName)}${printBody(family, rule)}`;
}

/** The lines of all rules of a chain. */
export function printRules(family: IpFamily, chain: IptablesChain): string {
  return chainText(family)(chain).rules;
}

interface ChainText {
  readonly header: string;
  readonly rules: string;
}

function printTable(family: IpFamily, table: Table): string {
  const textOf = chainText(family);
  let headers = '';
  let rules = '';
  for (const chain of table.chains) {
    const text = textOf(chain);
    headers += text.header;
    rules += text.rules;
  }
  return `*${table.name}\n${headers}${rules}COMMIT\n`;
}

/** Most chains are the same as in the last ruleset, by identity. */
const chainText = memoizeFor(
  (family: IpFamily) => family,
  (family, chain: IptablesChain): ChainText => {
    const append = `-A ${checkWord('chain', chain.name)}`;
    return {
      header: `:${chain.name} ${chain.policy ?? '-'} [0:0]\n`,
      rules: chain.rules.map((rule) => `${append}${printBody(family, rule)}\n`).join(''),
    };
  },
);

function printBody(family: IpFamily, rule: IptablesRule): string {
  const target = rule.target === undefined ? '' : printTarget(rule.target);
  return `${printMatch(family, rule)}${target}`;
}

function printTarget(target: IptablesTarget): string {
  switch (target.kind) {
    case 'jump':
      return ` -j ${checkWord('chain', target.chain)}`;
    case 'goto':
      return ` -g ${checkWord('chain', target.chain)}`;
    case 'accept':
      return ' -j ACCEPT';
    case 'drop':
      return ' -j DROP';
    case 'return':
      return ' -j RETURN';
    case 'reject':
      return ` -j REJECT --reject-with ${checkWord('reject type', target.with)}`;
    case 'dnat':
      return ` -j DNAT --to-destination ${printDestination(target)}`;
    case 'masquerade':
      return target.randomFully ? ' -j MASQUERADE --random-fully' : ' -j MASQUERADE';
    case 'mark':
      return ` -j MARK --set-xmark ${hex(checkMark(target.mark))}/${hex(checkMark(target.mask))}`;
    case 'opaque':
      return ` -j${target.words.map((word) => ` ${quoteWord(word)}`).join('')}`;
    default:
      return target satisfies never;
  }
}

function printDestination({ address, port }: Extract<IptablesTarget, { kind: 'dnat' }>): string {
  checkAddress(address);
  return port === undefined ? address : formatHostPort(address, checkPort(port));
}
