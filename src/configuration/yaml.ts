/** The one YAML document of a configuration file, and where its fields stand. */
import { type Document, isAlias, isMap, isScalar, type Pair, parseAllDocuments, type YAMLError } from 'yaml';
import { type Fields, isFields } from '../core/manifest/value.ts';

/** Of problems: nobody reads more, and to find the place of each takes time. */
export const maxShown = 50;

export interface Problem {
  readonly problem: string;
  readonly offset: number;
}

export interface ParsedDocument {
  readonly document: Document.Parsed;
  readonly value: Fields;
}

/** An alias may be used this often: aliases of aliases can make a few lines stand for terabytes. */
const maxAliasCount = 100;

/** A configuration of kube-proxy has some 2,000 characters. */
const maxLength = 100_000;

/** YAML as Kubernetes reads it, but for the words yes, no, on and off, which stay text. Repeated keys are an error. */
export function parseDocument(text: string): ParsedDocument | { readonly problems: readonly Problem[] } {
  const fail = (problem: string, offset = 0) => ({ problems: [{ problem, offset }] });
  if (text.length > maxLength) return fail('it is too long for a configuration');
  const documents = parseAllDocuments(text, { schema: 'core', merge: true, prettyErrors: false, logLevel: 'silent' });
  const [document, ...others] = Array.isArray(documents) ? documents.filter(hasContent) : [];
  if (document === undefined) return fail('there is nothing in it');
  if (document.errors.length > 0) return { problems: describeErrors(document.errors) };
  const [second] = others;
  if (second !== undefined) return fail('there is more than one document in it', second.range[0]);
  try {
    const value: unknown = document.toJS({ maxAliasCount });
    return isFields(value) ? { document, value } : fail('it is not an object');
  } catch (problem) {
    // Aliases without anchor, or too many of them.
    return fail(describeError(problem instanceof Error ? problem.message : String(problem)));
  }
}

function hasContent({ contents, errors }: Document.Parsed): boolean {
  return errors.length > 0 || !(contents === null || (isScalar(contents) && contents.value === null));
}

/** Every key that repeats; but where the text is broken, what comes after its first error says nothing. */
function describeErrors(errors: readonly YAMLError[]): readonly Problem[] {
  const broken = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const shown = broken === undefined ? errors.slice(0, maxShown) : [broken];
  return shown.map(({ message, pos }) => ({ problem: describeError(message), offset: pos[0] }));
}

function describeError(message: string): string {
  return `it cannot be parsed: ${message.split('\n', 1)[0] ?? ''}`;
}

/** Where a field is: its value when that is simple, else its key; what is not there has the place of its parent. */
export function offsetOf(document: Document.Parsed, path: readonly string[]): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const key of path) {
    const target = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(target)
      ? target.items.find((each: Pair) => isScalar(each.key) && String(each.key.value) === key)
      : undefined;
    if (pair === undefined || !isScalar(pair.key)) return offset;
    const { key: label, value } = pair;
    const shown = isScalar(value) && value.value !== null ? value : label;
    offset = shown.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}
