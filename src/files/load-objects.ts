/** From inputs to objects: every usable object comes out, and everything else is reported with its place. */
import type { Diagnostic, ObjectRef } from '../core/diagnostics.ts';
import type { ManifestCode } from '../core/manifest/codes.ts';
import { readManifest } from '../core/manifest/manifest.ts';
import { refOfManifest } from '../core/manifest/ref.ts';
import { keyOfManifest, type Manifest } from '../core/model/objects.ts';
import type { InputDocument } from '../documents/document.ts';
import { describePlace, type Finding, fileDiagnostic } from '../documents/finding.ts';
import { parseSource } from '../documents/parse-source.ts';
import type { Source } from '../documents/source.ts';
import { type LoadedObject, placeOf } from './object-index.ts';

export interface LoadedObjects {
  /** Empty only where an error says why. */
  readonly documents: readonly InputDocument[];
  /** All objects of the documents, also those of kinds that shape no rules. */
  readonly objects: readonly LoadedObject[];
  /** Each object that shapes rules once: of several with the same name, the first. */
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
  /** Whether a document is an error answer or one page of a list: objects that belong to the input are missing. */
  readonly incomplete: boolean;
}

/** About a document that is not the whole of its input. */
export const incompleteCodes: ReadonlySet<string> = new Set<ManifestCode>(['api-error', 'list-incomplete']);

export async function loadObjects(sources: readonly Source[]): Promise<LoadedObjects> {
  const documents: InputDocument[] = [];
  const findings: Finding[] = [];
  const objects: LoadedObject[] = [];
  let incomplete = false;
  for (const source of sources) {
    const parsed = await parseSource(source);
    // Not as arguments of one call: there may be more than a function can have.
    for (const document of parsed.documents) documents.push(document);
    for (const finding of parsed.findings) findings.push(finding);
  }
  for (const document of documents) {
    const read = readManifest(document.value);
    for (const object of read.objects) objects.push({ ...object, document });
    for (const { path, ...diagnostic } of read.diagnostics) {
      findings.push({ diagnostic, place: { source: document.source, offset: document.locate(path).offset } });
      incomplete ||= incompleteCodes.has(diagnostic.code) && path[0] !== 'items';
    }
  }
  findings.push(...emptyInputs(sources, documents.length === 0 && findings.length === 0));
  const { manifests, repeats } = withoutRepeats(objects);
  return { documents, objects, manifests, findings: [...findings, ...repeats], incomplete };
}

/** A warning for each empty input; one error for all of them if there is `nothing` else. */
function emptyInputs(sources: readonly Source[], nothing: boolean): readonly Finding[] {
  if (nothing) return [{ diagnostic: emptyInput(sources) }];
  return sources
    .filter(({ text }) => text.trim() === '')
    .map((source) => ({ diagnostic: { ...emptyInput([source]), severity: 'warning' } }));
}

function emptyInput(sources: readonly Source[]): Diagnostic {
  return fileDiagnostic(sources.map((source) => source.name).join(', '), {
    code: 'input-empty',
    problem: 'there is nothing in the input',
    remedy: 'check that what writes the input has succeeded; a cluster without Services is a List with items: []',
  });
}

function withoutRepeats(objects: readonly LoadedObject[]): {
  readonly manifests: readonly Manifest[];
  readonly repeats: readonly Finding[];
} {
  const manifests: Manifest[] = [];
  const repeats: Finding[] = [];
  const firsts = new Map<string, LoadedObject>();
  for (const object of objects) {
    if (object.manifest === undefined) continue;
    const key = `${object.kind} ${keyOfManifest(object.manifest)}`;
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, object);
      manifests.push(object.manifest);
    } else {
      const diagnostic = repeatedObject(refOfManifest(object.manifest), describePlace(placeOf(first)), 'this one');
      repeats.push({ diagnostic, place: placeOf(object) });
    }
  }
  return { manifests, repeats };
}

/** About the second of two objects with one name. `first`: where the first is; `leftOut`: the second, in words. */
export function repeatedObject(object: ObjectRef, first: string, leftOut: string): Diagnostic {
  return {
    code: 'object-repeated',
    severity: 'error',
    object,
    field: '',
    problem: `this object is given more than once, first in ${first}; ${leftOut} was left out`,
    remedy: 'keep one of them',
  };
}
