/** Reads YAML: the documents of a text, and where the parts of each are in it. */
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
import type { JsonPath } from '../core/structures/json-path.ts';
import { checkDocument } from './check-yaml.ts';
import type { InputDocument, Locate, LocatedPart, ParsedSource } from './document.ts';
import { isManifest } from './excerpt.ts';
import { type Finding, fileDiagnostic } from './finding.ts';
import type { Source } from './source.ts';

/** In inputs, an alias may be used this often: aliases of aliases can make a few lines stand for terabytes. */
const maxAliasCount = 1000;

export interface YamlError {
  /** Of the yaml package: `DUPLICATE_KEY`, `RESOURCE_EXHAUSTION`, … */
  readonly code: string;
  readonly message: string;
  readonly offset: number;
}

/** A document of a YAML text. All offsets count UTF-16 units from the start of the text. */
export interface YamlDocument {
  readonly start: number;
  /** Why it cannot be parsed; then it has no value. */
  readonly errors: readonly YamlError[];
  /** The value as plain JSON, or what is wrong with its aliases: no anchor, or more uses than `maxAliases`. */
  readonly read: (maxAliases: number) => { readonly value: unknown } | { readonly problem: string };
  readonly locate: Locate;
  /** The same, but parses the text again: to keep the nodes of all documents of an input would take too much memory. */
  readonly locateLater: Locate;
}

/** The documents of a text. Those without content (a comment between two `---`) are left out. */
export function yamlDocuments(text: string): readonly YamlDocument[] {
  return documentsIn({ start: 0, text });
}

function documentsIn(chunk: Chunk): readonly YamlDocument[] {
  return parseChunk(chunk.text).flatMap((document, index) => {
    if (isBlank(document)) return [];
    return {
      start: chunk.start + document.range[0],
      errors: errorsOf(document, chunk.start),
      read: (maxAliases) => readValue(document, maxAliases),
      locate: (path) => locate(document, path, chunk.start),
      locateLater: lazyLocator(chunk, index),
    } satisfies YamlDocument;
  });
}

/** Parses all documents of an input, each on its own: a broken one is left out alone. */
export function parseYaml(source: Source): ParsedSource {
  const documents: InputDocument[] = [];
  const findings: Finding[] = [];
  for (const chunk of splitDocuments(source.text)) {
    // An error about the end of the text is shown at the last character that is there.
    const end = chunk.start + Math.max(chunk.text.trimEnd().length - 1, 0);
    for (const { start, errors, read, locateLater } of documentsIn(chunk)) {
      const [error] = errors;
      const parsed = error === undefined ? read(maxAliasCount) : { problem: describeError(error) };
      if ('value' in parsed) documents.push({ source, value: parsed.value, locate: locateLater });
      else {
        // What the parser says may quote the text, behind a colon.
        const problem = isManifest(chunk.text) ? parsed.problem : parsed.problem.replace(/: .*/s, '');
        findings.push(brokenDocument(source, problem, Math.min(error?.offset ?? start, end)));
      }
    }
  }
  return { documents, findings };
}

function describeError({ code, message }: YamlError): string {
  return code === 'RESOURCE_EXHAUSTION' ? 'it is nested too deeply' : message;
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

type ParsedDocument = Document.Parsed;

/** As Kubernetes reads YAML, except that the words yes, no, on and off stay text. Repeated keys are an error. */
function parseChunk(text: string): readonly ParsedDocument[] {
  const parsed: readonly ParsedDocument[] | EmptyStream = parseAllDocuments(text, {
    schema: 'core',
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
    // The package compares each key with all before it: 20 s for the 20,000 keys of a ConfigMap.
    uniqueKeys: false,
  });
  return parsed;
}

/** By their places. */
function errorsOf(document: ParsedDocument, start: number): readonly YamlError[] {
  const errors = document.errors.map(({ code, message, pos }): YamlError => ({ code, message, offset: pos[0] }));
  const added = checkDocument(document);
  const all = added.length === 0 ? errors : [...errors, ...added].toSorted((a, b) => a.offset - b.offset);
  return all.map((error) => ({ ...error, offset: start + error.offset }));
}

function isBlank({ contents, errors }: ParsedDocument): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function readValue(document: ParsedDocument, maxAliases: number): ReturnType<YamlDocument['read']> {
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) };
  } catch (problem) {
    return { problem: problem instanceof Error ? problem.message : String(problem) };
  }
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

/** `label`: the key of a value; absent in lists. */
interface Step {
  readonly value: Node | undefined;
  readonly label: Node | undefined;
}

function lazyLocator({ start, text }: Chunk, index: number): Locate {
  let document: ParsedDocument | undefined;
  return (path) => {
    document ??= parseChunk(text)[index];
    return document === undefined ? { offset: start, exact: false } : locate(document, path, start);
  };
}

function locate(document: ParsedDocument, path: JsonPath, start: number): LocatedPart {
  let step: Step = { value: document.contents ?? undefined, label: undefined };
  for (const key of path) {
    const next = stepInto(document, step, key);
    if (next === undefined) return { offset: start + shownOffset(step), exact: false };
    step = next;
  }
  return { offset: start + shownOffset(step), exact: true };
}

function stepInto(document: ParsedDocument, { value }: Step, key: string | number): Step | undefined {
  const target = isAlias(value) ? value.resolve(document) : value;
  if (isSeq(target)) {
    const item = typeof key === 'number' ? target.items[key] : undefined;
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

/** Of a simple value, its own place; of a map, a list or nothing at all, the place of its key. */
function shownOffset({ value, label }: Step): number {
  const isPlain = value !== undefined && isScalar(value) && value.value !== null;
  const shown = isPlain ? value : (label ?? value);
  return shown?.range?.[0] ?? 0;
}
