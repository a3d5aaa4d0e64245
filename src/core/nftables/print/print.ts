/**
 * Prints rulesets: a script for `nft -f`, with chains and rules exactly as `nft list` of nft 1.0.6 (Debian 12) prints
 * them, so that the two can be compared.
 */
import type { IpFamily } from '../../model/address.ts';
import { memoizeFor } from '../../structures/memoize.ts';
import type { NamedSet, NftablesChain, NftablesHook, NftablesRuleset } from '../ruleset.ts';
import { addressWords, checkName, isInteger, tableName } from '../words.ts';
import { printGroups } from './elements.ts';
import { printRule } from './rule.ts';
import { printSetLines } from './set.ts';

/**
 * A script that makes the kernel's table equal to the ruleset, whatever was in it, in one transaction: packets see the
 * old table or the new one. It touches no other table. (`add` first, since `delete` of a missing table is an error.)
 *
 * Throws an Error for a value that could not be loaded or would be read differently: that is our bug.
 */
export function printRuleset(ruleset: NftablesRuleset): string {
  const { family, sets, chains } = ruleset;
  const table = printTableName(family);
  const blocks = [...sets.map((set) => printSet(family, set)), ...chains.map(printChain(family))];
  return `add table ${table}\ndelete table ${table}\ntable ${table} {\n${blocks.join('\n')}}\n`;
}

/** `ip rulewright`, as in `list table ip rulewright`. */
export function printTableName(family: IpFamily): string {
  return `${addressWords[family]} ${tableName}`;
}

/** `add map ip rulewright NAME { … }`: a command that makes the set, without its elements. */
export function printSetDeclaration(family: IpFamily, set: Omit<NamedSet, 'groups'>): string {
  const body = `{ ${printSetLines(family, set).join('; ')}; }`;
  return `add ${setKind(set)} ${printTableName(family)} ${checkName(set.name)} ${body}`;
}

/** `add chain ip rulewright NAME`: a command that makes the chain, without its rules. */
export function printChainDeclaration(family: IpFamily, { name, hook }: Omit<NftablesChain, 'rules'>): string {
  const body = hook === undefined ? '' : ` { ${printHook(hook)} }`;
  return `add chain ${printTableName(family)} ${checkName(name)}${body}`;
}

/** What nft calls the set: one with values is a map. */
export function setKind({ value }: Pick<NamedSet, 'value'>): 'set' | 'map' {
  return value === undefined ? 'set' : 'map';
}

function printSet(family: IpFamily, set: NamedSet): string {
  const elements = printGroups(set);
  const lines = printSetLines(family, set);
  if (elements !== '') lines.push(`elements = { ${elements} }`);
  return `\t${setKind(set)} ${checkName(set.name)} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}

/** Most chains are the same as in the last ruleset, by identity. */
const printChain = memoizeFor(
  (family: IpFamily) => family,
  (family, { name, hook, rules }: NftablesChain): string => {
    const lines = hook === undefined ? [] : [printHook(hook)];
    for (const rule of rules) lines.push(printRule(family, rule));
    return `\tchain ${checkName(name)} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
  },
);

/** The policy is always accept, the kernel's default: we must not drop traffic that we do not know. */
function printHook({ type, hook, priority }: NftablesHook): string {
  return `type ${type} hook ${hook} priority ${printPriority(hook, priority)}; policy accept;`;
}

/** nft lists a few priorities by name, but accepts no name for DNAT in the output hook. */
function printPriority(hook: NftablesHook['hook'], priority: number): string {
  if (!isInteger(priority, -0x80000000, 0x7fffffff)) throw new Error(`not a priority: ${priority}`);
  if (priority === 0) return 'filter';
  if (priority === -100 && hook === 'prerouting') return 'dstnat';
  if (priority === 100 && hook === 'postrouting') return 'srcnat';
  return String(priority);
}
