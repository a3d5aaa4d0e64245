/** The readable format: `2026-11-26T11:02:19.123Z info  Synced cause=change services=1`. */

/** What needs no quotes: it cannot be taken for several words, or for another field. */
const bareWord = /^[^\s"'=\\]+$/u;

/**
 * A record: level, milliseconds since 1970, message and fields. Nested fields are named with a dot, values with spaces
 * are quoted, and what JSON has no word for (undefined, functions) is left out.
 */
export function formatTextLine({ level, ts, msg, ...fields }: Readonly<Record<string, unknown>>): string {
  const head = `${new Date(Number(ts)).toISOString()} ${String(level).padEnd(5)} ${String(msg)}`;
  return [head, ...flatten(fields)].join(' ');
}

function flatten(fields: object, prefix = ''): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return flatten(value, `${path}.`);
    const text = typeof value === 'string' && bareWord.test(value) ? value : JSON.stringify(value);
    return text === undefined ? [] : [`${path}=${text}`];
  });
}
