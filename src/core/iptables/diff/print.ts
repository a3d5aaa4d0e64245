/** A transaction to text: exactly what `iptables-restore --noflush` is given. */
import type { IpFamily } from '../../model/address.ts';
import { printRule } from '../print/print.ts';
import type { IptablesRule } from '../ruleset.ts';
import { checkWord } from '../words.ts';
import type { IptablesOperation, IptablesTransaction } from './operations.ts';

/** Empty when there is nothing to do. Throws an Error for a value that could not be loaded: a bug of ours. */
export function printTransaction({ family, commits }: IptablesTransaction): string {
  return commits
    .map(({ table, operations }) => {
      const lines = operations.map((operation) => printOperation(family, operation)).join('');
      return `*${table}\n${lines}COMMIT\n`;
    })
    .join('');
}

function printOperation(family: IpFamily, operation: IptablesOperation): string {
  switch (operation.kind) {
    case 'addChain':
    case 'flushChain':
      return `:${checkWord('chain', operation.chain)} - [0:0]\n`;
    case 'appendRules':
      return operation.rules.map((rule) => `${printRule(family, operation.chain, rule)}\n`).join('');
    case 'insertRule':
      return `${ruleCommand('-I', family, operation)}\n`;
    case 'deleteRule':
      return `${ruleCommand('-D', family, operation)}\n`;
    case 'deleteChain':
      return `-X ${checkWord('chain', operation.chain)}\n`;
    default:
      return operation satisfies never;
  }
}

interface RuleInChain {
  readonly chain: string;
  readonly rule: IptablesRule;
}

function ruleCommand(command: '-I' | '-D', family: IpFamily, { chain, rule }: RuleInChain): string {
  return command + printRule(family, chain, rule).slice(command.length);
}
