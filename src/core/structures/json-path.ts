/** Paths in JSON values, as lists of keys and as text that people write. */

/** Keys and indexes from the root of a value to a part of it. */
export type JsonPath = readonly (string | number)[];

/** `spec.ports[0].port`, `metadata.labels[kubernetes.io/service-name]`; empty for the root. */
export function formatPath(path: JsonPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number' || !/^\w+$/.test(key)) text += `[${key}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

/** The reverse of `formatPath`. */
export function parsePath(text: string): JsonPath {
  return [...text.matchAll(/\[([^\]]*)\]|[^.[]+/g)].map(([part, inBrackets]) => {
    if (inBrackets === undefined) return part;
    return /^\d+$/.test(inBrackets) ? Number(inBrackets) : inBrackets;
  });
}
