/** Label and field selectors of lists and watches. */
import type { RawObject } from './store.ts';

export type Selector = (object: RawObject) => boolean;

/**
 * The selectors that are in use: `!label`, `label`, `label=value`, and `=` or `!=` with the fields metadata.name and
 * spec.clusterIP, joined by commas.
 */
export function parseSelectors(query: URLSearchParams): Selector {
  const labels = parts(query.get('labelSelector')).map(parseLabel);
  const fields = parts(query.get('fieldSelector')).map(parseField);
  return (object) => [...labels, ...fields].every((matches) => matches(object));
}

function parts(text: string | null): readonly string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

function parseLabel(part: string): Selector {
  const [key = '', value] = part.split('=');
  const labelsOf = ({ metadata }: RawObject) => metadata.labels ?? {};
  if (key.startsWith('!')) return (object) => !Object.hasOwn(labelsOf(object), key.slice(1));
  return (object) => Object.hasOwn(labelsOf(object), key) && (value === undefined || labelsOf(object)[key] === value);
}

function parseField(part: string): Selector {
  const [, field = '', operator, value] = /^(.*?)(!?=)(.*)$/.exec(part) ?? [];
  const read = fieldReaders[field];
  if (read === undefined) throw new Error(`field selector ${part}: the test server knows ${Object.keys(fieldReaders)}`);
  return (object) => (read(object) === value) === (operator === '=');
}

const fieldReaders: Readonly<Record<string, (object: RawObject) => unknown>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'spec.clusterIP': ({ spec }) =>
    typeof spec === 'object' && spec !== null && 'clusterIP' in spec ? spec.clusterIP : '',
};
