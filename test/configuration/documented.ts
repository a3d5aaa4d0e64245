/** The rows of docs/configuration.md as far as they follow from the code; what comes behind is for people. */
import { type FieldPath, fieldAt } from '../../src/configuration/fields.ts';
import { type Flag, fieldOf } from '../../src/configuration/flags.ts';
import { flagText } from '../../src/configuration/read-flags.ts';

/** `| iptables.masqueradeBit | 14 | in mode iptables |`, the first two as code; with the reason of no effect. */
export function fieldRow(path: FieldPath): string {
  const { effect } = fieldAt(path);
  const cells = `| \`${path}\` | ${shownDefault(path)} | `;
  switch (effect.kind) {
    case 'applied':
      return `${cells}applied |`;
    case 'applied in mode':
      return `${cells}in mode ${effect.mode} |`;
    case 'none':
      return `${cells}no effect | ${effect.why}`;
    default:
      return effect satisfies never;
  }
}

function shownDefault(path: FieldPath): string {
  const { kind, absent } = fieldAt(path);
  if (absent === undefined) return 'it depends';
  const printed = kind.print(absent);
  const text = typeof printed === 'string' ? printed : JSON.stringify(printed);
  return text === '' || text === '[]' || text === '{}' ? 'none' : `\`${text}\``;
}

/** `| --cluster-cidr | clusterCIDR | ignored |` */
export function flagRow(flag: Flag): string {
  const path = fieldOf(flag, 'iptables');
  const beside = flag.without === undefined ? (flag.besideConfig ? 'counts' : 'ignored') : 'no effect';
  return `| \`${flagText(flag)}\` | ${path === undefined ? '' : `\`${path}\` `}| ${beside} |`;
}
