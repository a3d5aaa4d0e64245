/** `-o json`: what a command made and found, for programs. */
import { type IpFamily, ipFamilies, type PerFamily } from '../../core/model/address.ts';
import { printableLines } from '../../core/structures/safe-text.ts';
import type { Finding } from '../../documents/finding.ts';
import { positionAt } from '../../documents/source.ts';
import { programVersion } from '../version.ts';

/**
 * One JSON object on one line: version and command first, the diagnostics last, as docs/schema/ has it. The same parts
 * give the same bytes. Absent values have no key. After an error there are no parts, but there are diagnostics.
 */
export function formatJson(command: string, parts: object, findings: readonly Finding[]): string {
  const value = { version: programVersion(), command, ...parts, diagnostics: findings.map(jsonDiagnostic) };
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
