/** `-o json`: what a command made and found, for programs. */
import { type IpFamily, ipFamilies, type PerFamily } from '../../core/model/address.ts';
import { printableLines } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import { positionAt } from '../../documents/source.ts';

/** One JSON object on one line, the diagnostics last; the same parts give the same bytes. Absent values have no key. */
export function formatJson(
  parts: { readonly version: string; readonly [part: string]: unknown },
  findings: readonly Finding[],
): string {
  return jsonLine({ ...parts, diagnostics: findings.map(jsonDiagnostic) });
}

export function jsonLine(value: object): string {
  return `${printableLines(JSON.stringify(value, plainly))}\n`;
}

/** One key for each family that has a value. */
export function jsonFamilies<T>(values: PerFamily<T>, show: (value: T, family: IpFamily) => object): object {
  return Object.fromEntries(
    ipFamilies.flatMap((family) => {
      const value = values[family];
      return value === undefined ? [] : [[family, show(value, family)]];
    }),
  );
}

function jsonDiagnostic({ diagnostic, place }: Finding): object {
  const { severity, code, object, field, problem, remedy, rival } = diagnostic;
  const at = place === undefined ? {} : { at: { file: place.source.name, ...positionAt(place.source, place.offset) } };
  return { severity, code, object, field, problem, remedy, ...(rival === undefined ? {} : { rival }), ...at };
}

/** Maps as objects, and chunked lists flat: chunks are internal to the compiler. */
function plainly(key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return (key === 'servicePorts' || key === 'groups') && Array.isArray(value) ? value.flat() : value;
}
