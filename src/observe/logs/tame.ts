/** What may get into a log: bounded in size, without secrets, nothing that cannot be written as JSON. */

const maxStringLength = 2000;
const maxEntries = 100;
const maxDepth = 4;

const secretName = /^(authorization|cookie|passw(or)?d|(.*token)|(.*secret)|(.*key-?data)|(.*private-?key))$/i;

/** Secrets inside of other text, such as the message of an error. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/g, '$1 [secret]'],
  // A JSON web token, as service accounts have them: the first part is always the JSON of an object.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[secret]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gs, '[secret]'],
  // User and password of a URL.
  [/\/\/[^/\s:@]*:[^/\s@]+@/g, '//[secret]@'],
];

/** The value as a log may show it; an Error becomes `name: message`. */
function tame(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return tameText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return tameText(`${value.name}: ${value.message}`);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, maxEntries).map((entry) => tame(entry, depth + 1));
    return value.length > maxEntries ? [...shown, `… ${value.length - maxEntries} more`] : shown;
  }
  return tameFields(value, depth + 1);
}

/** The same for each field of an object; those with the name of a secret are not shown at all. */
export function tameFields(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, maxEntries)
      .map(([name, value]) => [tameText(name), secretName.test(name) ? '[secret]' : tame(value, depth)]),
  );
}

/** The text without secrets, cut where it is too long. */
export function tameText(text: string): string {
  // Cut first, so that the time for hostile text is bounded, and with room for a secret that begins before the cut.
  const shown = secrets.reduce(
    (result, [pattern, replacement]) => result.replace(pattern, replacement),
    text.slice(0, 2 * maxStringLength),
  );
  return text.length > maxStringLength ? `${shown.slice(0, maxStringLength)}… (${text.length} characters)` : shown;
}
