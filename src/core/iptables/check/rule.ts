/** What must hold for one rule on its own, so that the tools and the kernel take it and read it as it is meant. */
import { familyOf, type IpFamily } from '../../model/address.ts';
import { isWholeFamily } from '../../model/cidr.ts';
import { maxCommentLength } from '../names.ts';
import {
  ctStates,
  type IptablesMatch,
  type IptablesRule,
  type IptablesTarget,
  type Recent,
  type TableName,
} from '../ruleset.ts';
import { isMark, isWord } from '../words.ts';

/** Where a rule stands. */
export interface RulePlace {
  readonly family: IpFamily;
  readonly table: TableName;
  readonly chain: string;
}

/** What is wrong with a rule; empty when it is sound. Whether its chains exist is not looked at. */
export function checkRule(rule: IptablesRule, place: RulePlace): readonly string[] {
  const problems: string[] = [];
  const { match, target, comment } = rule;
  if (comment !== undefined && comment.length > maxCommentLength) {
    problems.push(`a comment of ${comment.length} characters, at most ${maxCommentLength}`);
  }
  checkBlocks(match, place.family, problems);
  checkInterfaces(match, place.chain, problems);
  checkPorts(match, problems);
  checkModules(match, problems);
  if (target !== undefined) checkTarget(target, rule, place, problems);
  return problems;
}

function checkBlocks({ source, destination }: IptablesMatch, family: IpFamily, problems: string[]): void {
  for (const block of [source, destination]) {
    if (block === undefined) continue;
    if (familyOf(block.value) !== family) problems.push(`${block.value} is not of family ${family}`);
    // The nft variant cannot load it: "RULE_APPEND failed (Invalid argument)".
    if (block.negated === true && isWholeFamily(block.value)) problems.push('a match of no address at all');
  }
}

/** The tools refuse `-i` where packets have no input interface yet or any more, and `-o` likewise. */
const chainsWithoutInput: readonly string[] = ['OUTPUT', 'POSTROUTING'];
const chainsWithoutOutput: readonly string[] = ['PREROUTING', 'INPUT'];

function checkInterfaces({ inputInterface, outputInterface }: IptablesMatch, chain: string, problems: string[]): void {
  for (const wanted of [inputInterface, outputInterface]) {
    if (wanted === undefined) continue;
    if (!isWord('interface', wanted.value)) problems.push(`not an interface: ${JSON.stringify(wanted.value)}`);
    // The legacy variant loads it as a match of any interface.
    if (wanted.negated === true && wanted.value === '+') problems.push('a match of no interface at all');
  }
  if (inputInterface !== undefined && chainsWithoutInput.includes(chain)) problems.push(`no -i in ${chain}`);
  if (outputInterface !== undefined && chainsWithoutOutput.includes(chain)) problems.push(`no -o in ${chain}`);
}

function checkPorts({ protocol, destinationPort }: IptablesMatch, problems: string[]): void {
  if (destinationPort === undefined) return;
  const { from, to } = destinationPort;
  if (protocol === undefined) problems.push('a port without a protocol');
  if (!isPort(from) || !isPort(to) || from > to) problems.push(`not ports: ${from}:${to}`);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 0xffff;
}

function checkModules(match: IptablesMatch, problems: string[]): void {
  const { ctStates: states, mark, random, recent, nfacct, opaque } = match;
  if (states !== undefined) {
    const inOrder = ctStates.filter((state) => states.value.includes(state));
    const isInOrder = inOrder.length === states.value.length && inOrder.every((state, i) => state === states.value[i]);
    if (inOrder.length === 0 || !isInOrder) problems.push(`not conntrack states in order: "${states.value.join()}"`);
  }
  if (mark !== undefined && !(isMark(mark.value.mark) && isMark(mark.value.mask))) problems.push('a mark over 32 bits');
  if (random !== undefined && !(Number.isInteger(random) && random >= 1 && random < 2 ** 31)) {
    problems.push(`not a probability: ${random} of 2^31`);
  }
  if (recent !== undefined) checkRecent(recent, problems);
  if (nfacct !== undefined && !isWord('nfacct object', nfacct)) problems.push(`not an nfacct object: ${nfacct}`);
  if (opaque !== undefined) problems.push(`a match that rulewright has no model for: ${opaque.join(' ')}`);
}

function checkRecent(recent: Recent, problems: string[]): void {
  if (!isWord('recent list', recent.name)) problems.push(`not a recent list: ${JSON.stringify(recent.name)}`);
  if (recent.operation === 'rcheck' && !(Number.isInteger(recent.seconds) && isMark(recent.seconds))) {
    problems.push(`not a time: ${recent.seconds} seconds`);
  } else if (recent.operation === 'rcheck' && recent.seconds < 1) {
    problems.push('a time of no seconds');
  }
}

function checkTarget(
  target: IptablesTarget,
  { match }: IptablesRule,
  { family, table }: RulePlace,
  problems: string[],
): void {
  switch (target.kind) {
    case 'jump':
    case 'goto':
    case 'accept':
    case 'return':
      return;
    case 'drop':
      // libxtables refuses it: "The nat table is not intended for filtering".
      if (table === 'nat') problems.push('DROP in table nat');
      return;
    case 'reject':
      if (table !== 'filter') problems.push(`REJECT in table ${table}`);
      checkReject(target.with, match, family, problems);
      return;
    case 'dnat':
      if (table !== 'nat') problems.push(`DNAT in table ${table}`);
      if (familyOf(target.address) !== family) problems.push(`${target.address} is not of family ${family}`);
      if (target.port !== undefined && !isPort(target.port)) problems.push(`not a port: ${target.port}`);
      if (target.port !== undefined && match.protocol === undefined) problems.push('DNAT to a port without a protocol');
      return;
    case 'masquerade':
      if (table !== 'nat') problems.push(`MASQUERADE in table ${table}`);
      return;
    case 'mark':
      if (!isMark(target.mark) || !isMark(target.mask)) problems.push('a mark over 32 bits');
      return;
    case 'opaque':
      problems.push(`a target that rulewright has no model for: ${target.words.join(' ')}`);
      return;
    default:
      target satisfies never;
  }
}

function checkReject(type: string, { protocol }: IptablesMatch, family: IpFamily, problems: string[]): void {
  const isOfFamily = type.startsWith(family === 'IPv4' ? 'icmp-' : 'icmp6-');
  const isReset = type === 'tcp-reset' && protocol === 'TCP';
  if (!isWord('reject type', type) || !(isOfFamily || isReset)) {
    problems.push(`not a way to reject ${protocol ?? 'any protocol'} of family ${family}: ${JSON.stringify(type)}`);
  }
}
