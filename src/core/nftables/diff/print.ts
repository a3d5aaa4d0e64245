/** Prints a transaction: exactly the input of `nft -f -`. */
import type { IpFamily } from '../../model/address.ts';
import { printElements, printKeys } from '../print/elements.ts';
import { printChainDeclaration, printSetDeclaration, printTableName, setKind } from '../print/print.ts';
import { printRule } from '../print/rule.ts';
import { checkName } from '../words.ts';
import type { NftablesOperation, NftablesTransaction } from './operations.ts';

/** Empty if nothing changed. Throws an Error for a value that could not be loaded: our bug. */
export function printTransaction({ family, operations }: NftablesTransaction): string {
  return operations.map((operation) => printOperation(family, operation)).join('');
}

function printOperation(family: IpFamily, operation: NftablesOperation): string {
  const table = printTableName(family);
  switch (operation.kind) {
    case 'addTable':
      return `add table ${table}\n`;
    case 'deleteTable':
      return `delete table ${table}\n`;
    case 'addSet':
      return `${printSetDeclaration(family, operation.set)}\n`;
    case 'flushSet':
      return `flush ${setKind(operation.set)} ${table} ${checkName(operation.set.name)}\n`;
    case 'deleteSet':
      return `delete ${setKind(operation.set)} ${table} ${checkName(operation.set.name)}\n`;
    case 'addChain':
      return `${printChainDeclaration(family, operation.chain)}\n`;
    case 'flushChain':
      return `flush chain ${table} ${checkName(operation.chain)}\n`;
    case 'deleteChain':
      return `delete chain ${table} ${checkName(operation.chain)}\n`;
    case 'addRules': {
      const add = `add rule ${table} ${checkName(operation.chain)}`;
      return operation.rules.map((rule) => `${add} ${printRule(family, rule)}\n`).join('');
    }
    case 'addElements': {
      const elements = printElements(operation.set, operation.elements);
      return `add element ${table} ${checkName(operation.set.name)} { ${elements} }\n`;
    }
    case 'deleteElements': {
      const keys = printKeys(operation.set, operation.elements);
      return `delete element ${table} ${checkName(operation.set.name)} { ${keys} }\n`;
    }
    default:
      return operation satisfies never;
  }
}
