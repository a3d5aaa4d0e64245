/** Names as Kubernetes allows them (apimachinery pkg/util/validation): nothing else gets into chains or comments. */
import { quote } from '../structures/safe-text.ts';
import { readText } from './fields.ts';
import { complain, type Report } from './report.ts';
import type { JsonFields } from './value.ts';

/** `label`: DNS-1123 label. `subdomain`: DNS-1123 subdomain. `labelValue`: the value of a Kubernetes label. */
export type NameSyntax = 'label' | 'subdomain' | 'labelValue';

interface Rule {
  readonly maxLength: number;
  readonly pattern: RegExp;
  readonly remedy: string;
}

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

const rules: Readonly<Record<NameSyntax, Rule>> = {
  label: {
    maxLength: 63,
    pattern: new RegExp(`^${label}$`),
    remedy: 'Use 1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends',
  },
  subdomain: {
    maxLength: 253,
    pattern: new RegExp(`^${label}(?:\\.${label})*$`),
    remedy: 'Use at most 253 of a-z, 0-9, - and ., with a letter or digit at both ends of each part',
  },
  labelValue: {
    maxLength: 63,
    pattern: /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    remedy: 'Use 1 to 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit at both ends',
  },
};

/** A name in a field; the empty text counts as absent. Undefined when it breaks the syntax, which has been reported. */
export function readName<F>(
  report: Report,
  fields: JsonFields,
  key: string,
  { syntax, absent }: { readonly syntax: NameSyntax; readonly absent: F },
): string | F | undefined {
  const text = readText(report, fields, key, '');
  if (text === undefined) return undefined;
  if (text === '') return absent;
  const rule = rules[syntax];
  if (text.length <= rule.maxLength && rule.pattern.test(text)) return text;
  complain(report, {
    code: 'name-invalid',
    key,
    problem: `${quote(text)} is not a valid name here`,
    remedy: rule.remedy,
  });
  return undefined;
}
