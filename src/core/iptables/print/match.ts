/** The part of a rule before its target, in the fixed order that parse-rule.ts relies on. */
import type { Cidr, IpFamily } from '../../model/address.ts';
import {
  type CtState,
  ctStates,
  type IptablesMatch,
  type IptablesRule,
  type Negatable,
  type PortRange,
  type Recent,
} from '../ruleset.ts';
import { checkAddress, checkMark, checkPort, checkWord, hex, quoteString, quoteWord } from '../words.ts';

/**
 * All words between the chain's name and the target, each with a space before it. The comment comes first, except in
 * a jump that asks for a conntrack state: kube-proxy gives it last there, and `iptables -C` compares words in order.
 */
export function printMatch(family: IpFamily, { match, comment, target }: IptablesRule): string {
  const { source, destination, inputInterface, outputInterface, protocol } = match;
  let text = '';
  if (source !== undefined) text += printBlock('-s', source);
  if (destination !== undefined) text += printBlock('-d', destination);
  if (inputInterface !== undefined) text += printInterface('-i', inputInterface);
  if (outputInterface !== undefined) text += printInterface('-o', outputInterface);
  if (protocol !== undefined) text += ` -p ${protocol.toLowerCase()}`;
  const said = comment === undefined ? '' : ` -m comment --comment ${quoteString(comment)}`;
  const modules = printModules(family, match);
  return text + (match.ctStates !== undefined && target?.kind === 'jump' ? modules + said : said + modules);
}

/**
 * A match is asked only if those before it hold. So those that remember or count come last, when all else holds, and
 * behind them only what is not understood, in its own order.
 */
function printModules(family: IpFamily, match: IptablesMatch): string {
  let text = '';
  if (match.destinationPort !== undefined) text += printDestinationPort(match, match.destinationPort);
  text += printTypes(match);
  if (match.ctStates !== undefined) text += printCtStates(match.ctStates);
  if (match.mark !== undefined) text += printMark(match.mark);
  if (match.random !== undefined) text += ` -m statistic --mode random --probability ${probability(match.random)}`;
  if (match.recent !== undefined) text += printRecent(family, match.recent);
  // Two spaces: libxt_nfacct of 1.8.9 prints them.
  if (match.nfacct !== undefined) text += ` -m nfacct --nfacct-name  ${checkWord('nfacct object', match.nfacct)}`;
  for (const word of match.opaque ?? []) text += ` ${quoteWord(word)}`;
  return text;
}

/**
 * `random / 2^31` with eleven decimals as C's printf rounds them. Eleven tell all 2^31 probabilities apart: iptables
 * gives the kernel `lround(p * 2^31)` (libxt_statistic.c).
 */
function probability(random: number): string {
  if (!Number.isInteger(random) || random < 0 || random > 2 ** 31) throw new Error(`not a 31-bit number: ${random}`);
  const isTie = random % 2 ** 20 === 2 ** 19;
  if (!isTie) return (random / 2 ** 31).toFixed(11);
  // Halfway between two decimals, where printf takes the even one and toFixed the larger.
  const down = (BigInt(random) * 10n ** 11n) >> 31n;
  const even = down % 2n === 0n ? down : down + 1n;
  return `0.${even.toString().padStart(11, '0')}`;
}

function printBlock(option: '-s' | '-d', { value, negated }: Negatable<Cidr>): string {
  checkAddress(value);
  return negated === true ? ` ! ${option} ${value}` : ` ${option} ${value}`;
}

function printInterface(option: '-i' | '-o', { value, negated }: Negatable<string>): string {
  checkWord('interface', value);
  return negated === true ? ` ! ${option} ${value}` : ` ${option} ${value}`;
}

function printDestinationPort({ protocol }: IptablesMatch, { from, to }: PortRange): string {
  if (protocol === undefined) throw new Error('a rule matches a port but no protocol');
  const range = from === to ? checkPort(from) : `${checkPort(from)}:${checkPort(to)}`;
  return ` -m ${protocol.toLowerCase()} --dport ${range}`;
}

function printTypes({ sourceType, destinationType }: IptablesMatch): string {
  if (sourceType === undefined && destinationType === undefined) return '';
  const source = sourceType === undefined ? '' : `${not(sourceType)} --src-type LOCAL`;
  const destination = destinationType === undefined ? '' : `${not(destinationType)} --dst-type LOCAL`;
  return ` -m addrtype${source}${destination}`;
}

function printCtStates(states: Negatable<readonly CtState[]>): string {
  const inOrder = ctStates.filter((state) => states.value.includes(state));
  if (inOrder.length === 0) throw new Error('a rule matches an empty list of conntrack states');
  return ` -m conntrack${not(states)} --ctstate ${inOrder.join()}`;
}

function printMark(wanted: NonNullable<IptablesMatch['mark']>): string {
  const { mark, mask } = wanted.value;
  const ofMask = checkMark(mask) === 0xffffffff ? '' : `/${hex(mask)}`;
  return ` -m mark${not(wanted)} --mark ${hex(checkMark(mark))}${ofMask}`;
}

const wholeAddress: Readonly<Record<IpFamily, string>> = {
  IPv4: '255.255.255.255',
  IPv6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
};

function printRecent(family: IpFamily, recent: Recent): string {
  const list = `--name ${checkWord('recent list', recent.name)} --mask ${wholeAddress[family]} --rsource`;
  if (recent.operation === 'set') return ` -m recent --set ${list}`;
  if (!Number.isInteger(recent.seconds) || recent.seconds < 1) throw new Error(`not a time: ${recent.seconds} seconds`);
  return ` -m recent --rcheck --seconds ${recent.seconds}${recent.reap ? ' --reap' : ''} ${list}`;
}

function not({ negated }: Negatable<unknown>): string {
  return negated === true ? ' !' : '';
}
