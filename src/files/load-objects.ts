/** From inputs to objects: everything good comes out, everything else is named with its place. */
import type { Diagnostic, ObjectRef } from '../core/diagnostics.ts';
import type { ManifestCode } from '../core/manifest/codes.ts';
import { type LocatedDiagnostic, readManifest } from '../core/manifest/manifest.ts';
import type { Manifest } from '../core/model/objects.ts';
import type { InputDocument } from './document.ts';
import { type Finding, fileDiagnostic, type Place } from './finding.ts';
import { indexObjects, type ObjectIndex, placeOf } from './object-index.ts';
import { parseSource } from './parse-source.ts';
import { positionAt, type Source } from './source.ts';

export interface LoadedObjects {
  /** Empty only where an error says why. */
  readonly documents: readonly InputDocument[];
  /** Each object once: of several with the same name, the first. */
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
  /** Whether a document is an error answer or one page of a list: objects that belong to the input are not there. */
  readonly incomplete: boolean;
}

/** Of what is not the whole of its input. */
export const incompleteCodes: ReadonlySet<string> = new Set<ManifestCode>(['api-error', 'list-incomplete']);

export async function loadObjects(sources: readonly Source[]): Promise<LoadedObjects> {
  const documents: InputDocument[] = [];
  const findings: Finding[] = [];
  const manifests: Manifest[] = [];
  const blank: Source[] = [];
  let incomplete = false;
  for (const source of sources) {
    const parsed = await parseSource(source);
    for (const document of parsed.documents) documents.push(document);
    for (const finding of parsed.findings) findings.push(finding);
    if (source.text.trim() === '') blank.push(source);
  }
  for (const document of documents) {
    const read = readManifest(document.value);
    for (const manifest of read.manifests) manifests.push(manifest);
    for (const located of read.diagnostics) {
      findings.push(findingIn(document, located));
      incomplete ||= incompleteCodes.has(located.code) && located.path[0] !== 'items';
    }
  }
  if (documents.length === 0 && findings.length === 0) findings.push({ diagnostic: emptyInput(sources) });
  else
    findings.push(
      ...blank.map((source) => ({ diagnostic: { ...emptyInput([source]), severity: 'warning' as const } })),
    );
  const { unique, repeats } = withoutRepeats(manifests, documents);
  return { documents, manifests: unique, findings: [...findings, ...repeats], incomplete };
}

function findingIn(document: InputDocument, { path, ...diagnostic }: LocatedDiagnostic): Finding {
  return { diagnostic, place: { source: document.source, offset: document.locate(path).offset } };
}

function emptyInput(sources: readonly Source[]): Diagnostic {
  return fileDiagnostic(sources.map((source) => source.name).join(', '), {
    code: 'input-empty',
    problem: 'there is nothing in the input',
    remedy: 'check that what writes the input has succeeded; a cluster without Services is a List without items',
  });
}

function withoutRepeats(
  manifests: readonly Manifest[],
  documents: readonly InputDocument[],
): { readonly unique: readonly Manifest[]; readonly repeats: readonly Finding[] } {
  const unique: Manifest[] = [];
  const repeats: Finding[] = [];
  const timesSeen = new Map<string, number>();
  let index: ObjectIndex | undefined;
  for (const manifest of manifests) {
    const object = refOf(manifest);
    const key = [object.kind, object.namespace, object.name].join('\n');
    const seen = timesSeen.get(key) ?? 0;
    timesSeen.set(key, seen + 1);
    if (seen === 0) {
      unique.push(manifest);
      continue;
    }
    index ??= indexObjects(documents);
    repeats.push(repeat(object, placeOf(index, object, '', seen), placeOf(index, object)));
  }
  return { unique, repeats };
}

function repeat(object: ObjectRef, place: Place | undefined, first: Place | undefined): Finding {
  const where = first === undefined ? '' : `, first in ${describePlace(first)}`;
  const diagnostic: Diagnostic = {
    code: 'object-repeated',
    severity: 'error',
    object,
    field: '',
    problem: `this object is given more than once${where}; this one was left out`,
    remedy: 'keep one of them',
  };
  return place === undefined ? { diagnostic } : { diagnostic, place };
}

function refOf({ kind, object }: Manifest): ObjectRef {
  return 'namespace' in object ? { kind, namespace: object.namespace, name: object.name } : { kind, name: object.name };
}

/** `shop.yaml:12:9` */
export function describePlace(place: Place): string {
  const { line, column } = positionAt(place.source, place.offset);
  return `${place.source.name}:${line}:${column}`;
}
