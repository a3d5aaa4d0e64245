/** `-o json`: everything the compiler made, for programs. */
import { ipFamilies, type PerFamily } from '../../core/model/address.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { Rules, RulesChange } from '../../core/rules.ts';
import { printableLines } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import { positionAt } from '../../documents/source.ts';

export interface JsonParts {
  readonly version: string;
  readonly plans: PerFamily<Plan>;
  readonly rules: PerFamily<Rules>;
  readonly texts: PerFamily<string>;
  readonly findings: readonly Finding[];
}

/** One JSON object on one line; the same parts give the same bytes. Absent values have no key. */
export function formatJson({ version, plans, rules, texts, findings }: JsonParts): string {
  const families = Object.fromEntries(
    ipFamilies
      .filter((family) => rules[family] !== undefined)
      .map((family) => [family, { plan: plans[family], ...rules[family], text: texts[family] }]),
  );
  const diagnostics = findings.map(jsonDiagnostic);
  return `${printableLines(JSON.stringify({ version, families, diagnostics }, plainly))}\n`;
}

export interface JsonChanges {
  readonly version: string;
  readonly changes: PerFamily<RulesChange>;
  readonly findings: readonly Finding[];
}

/** The same for what changes between two inputs. */
export function formatChangesJson({ version, changes, findings }: JsonChanges): string {
  const families = Object.fromEntries(
    ipFamilies.flatMap((family) => {
      const change = changes[family];
      if (change === undefined) return [];
      const { applied, text, summary } = change;
      return [[family, { mode: applied.mode, summary, text }]];
    }),
  );
  const diagnostics = findings.map(jsonDiagnostic);
  return `${printableLines(JSON.stringify({ version, families, diagnostics }))}\n`;
}

/** As `-o json` of every command shows it. */
export function jsonDiagnostic({ diagnostic, place }: Finding): object {
  const { severity, code, object, field, problem, remedy } = diagnostic;
  const at = place === undefined ? {} : { at: { file: place.source.name, ...positionAt(place.source, place.offset) } };
  return { severity, code, object, field, problem, remedy, ...at };
}

/** Maps as objects, and chunked lists flat: chunks are internal to the compiler. */
function plainly(key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return (key === 'servicePorts' || key === 'groups') && Array.isArray(value) ? value.flat() : value;
}
