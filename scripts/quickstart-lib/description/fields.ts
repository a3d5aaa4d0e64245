/** Reading of YAML that we wrote ourselves: a wrong type is a mistake in the file, named by its path. */

export type Fields = Readonly<Record<string, unknown>>;

export class DescriptionError extends Error {}

export function asFields(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(path, 'a mapping');
  return value as Fields;
}

export function entriesOf(value: unknown, path: string): [string, Fields][] {
  return Object.entries(asFields(value, path)).map(([key, item]) => [key, asFields(item, `${path}.${key}`)]);
}

export function text(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : wrong(key, 'a text');
}

export function count(fields: Fields, key: string): number {
  const value = fields[key];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : wrong(key, 'a positive number');
}

/** A list of texts; absent is empty. */
export function texts(fields: Fields, key: string): string[] {
  return list(fields, key).map((item) => (typeof item === 'string' ? item : wrong(key, 'a list of texts')));
}

/** A list of numbers; absent is empty. */
export function numbers(fields: Fields, key: string): number[] {
  return list(fields, key).map((item) => (typeof item === 'number' ? item : wrong(key, 'a list of numbers')));
}

/** A list of mappings; absent is empty. */
export function records(fields: Fields, key: string): Fields[] {
  return list(fields, key).map((item) => asFields(item, key));
}

function list(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key] ?? [];
  return Array.isArray(value) ? value : wrong(key, 'a list');
}

function wrong(path: string, wanted: string): never {
  throw new DescriptionError(`the traffic description: ${path} is not ${wanted}`);
}
