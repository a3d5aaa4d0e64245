/** YAML inputs: any number of documents, each parsed alone so that a broken one does not take others with it. */
import {
  type Document,
  type EmptyStream,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
} from 'yaml';
import type { InputDocument, Located, ParsedSource, Path } from './document.ts';
import { type Finding, fileDiagnostic } from './finding.ts';
import type { Source } from './source.ts';

/** An alias may be used this often: aliases of aliases can make a few lines stand for terabytes. */
const maxAliasCount = 1000;

/** Parses all documents of the text. Documents without content (a comment between two `---`) are none. */
export function parseYaml(source: Source): ParsedSource {
  const documents: InputDocument[] = [];
  const findings: Finding[] = [];
  for (const { start, text } of splitDocuments(source.text)) {
    // What is missing at the end is missing behind the last thing that is there.
    const lastOffset = Math.max(text.trimEnd().length - 1, 0);
    const fail = (problem: string, offset: number): void => {
      findings.push(brokenDocument(source, problem, start + Math.min(offset, lastOffset)));
    };
    for (const [index, document] of parseChunk(text).entries()) {
      const error = document.errors[0];
      if (error !== undefined) {
        fail(error.code === 'RESOURCE_EXHAUSTION' ? 'it is nested too deeply' : error.message, error.pos[0]);
        continue;
      }
      try {
        const value: unknown = document.toJS({ maxAliasCount });
        if (value === null || value === undefined) continue;
        documents.push({ source, value, locate: lazyLocator({ start, text }, index) });
      } catch (problem) {
        // Aliases without anchor, or too many of them.
        fail(problem instanceof Error ? problem.message : String(problem), document.range?.[0] ?? 0);
      }
    }
  }
  return { documents, findings };
}

type YamlDocument = Document.Parsed;

function parseChunk(text: string): readonly YamlDocument[] {
  const parsed: readonly YamlDocument[] | EmptyStream = parseAllDocuments(text, {
    // As Kubernetes reads it, but for the words yes, no, on and off, which stay text.
    schema: 'core',
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return parsed;
}

interface Chunk {
  readonly start: number;
  readonly text: string;
}

/** `---` at the start of a line always begins a document, even inside a text that was never closed. */
const documentStart = /(?<![^\n])---(?=\s|$)/g;

function splitDocuments(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  for (const { index } of text.matchAll(documentStart)) {
    // Directives (`%YAML 1.2`) belong to the document after them.
    const before = text.slice(start, index);
    if (index === start || isOnlyDirectives(before)) continue;
    chunks.push({ start, text: before });
    start = index;
  }
  chunks.push({ start, text: text.slice(start) });
  return chunks;
}

function isOnlyDirectives(text: string): boolean {
  return /^%/m.test(text) && !/^[^%#\s]/m.test(text);
}

function brokenDocument(source: Source, problem: string, offset: number): Finding {
  return {
    diagnostic: fileDiagnostic(source.name, {
      code: 'document-invalid',
      problem: `this document cannot be parsed: ${problem}`,
      remedy: 'correct it; it was left out alone',
    }),
    place: { source, offset },
  };
}

/** `label`: the key that a value stands under; absent in lists. */
interface Step {
  readonly value: Node | undefined;
  readonly label: Node | undefined;
}

/** Parses again when a place is asked for: the nodes of all documents would take too much memory to be kept. */
function lazyLocator({ start, text }: Chunk, index: number): InputDocument['locate'] {
  let document: YamlDocument | undefined;
  return (path) => {
    document ??= parseChunk(text)[index];
    return document === undefined ? { offset: start, exact: false } : locate(document, path, start);
  };
}

function locate(document: YamlDocument, path: Path, start: number): Located {
  let step: Step = { value: document.contents ?? undefined, label: undefined };
  for (const key of path) {
    const next = stepInto(document, step, key);
    if (next === undefined) return { offset: start + shownOffset(step), exact: false };
    step = next;
  }
  return { offset: start + shownOffset(step), exact: true };
}

function stepInto(document: YamlDocument, { value }: Step, key: string | number): Step | undefined {
  const target = isAlias(value) ? value.resolve(document) : value;
  if (isSeq(target)) {
    const item = target.items[Number(key)];
    return isNode(item) ? { value: item, label: undefined } : undefined;
  }
  if (!isMap(target)) return undefined;
  const pair = target.items.find((candidate) => keyText(candidate) === String(key));
  if (pair === undefined) return undefined;
  return {
    value: isNode(pair.value) ? pair.value : undefined,
    label: isNode(pair.key) ? pair.key : undefined,
  };
}

function keyText(pair: Pair): string | undefined {
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/** A simple value is shown itself; of a map, a list or nothing at all, the key that it stands under. */
function shownOffset({ value, label }: Step): number {
  const isPlain = value !== undefined && isScalar(value) && value.value !== null;
  const shown = isPlain ? value : (label ?? value);
  return shown?.range?.[0] ?? 0;
}
