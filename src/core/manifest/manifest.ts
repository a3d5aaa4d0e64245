/** From a parsed document to the model: whatever it holds, the good objects come out and the rest is named. */
import type { Manifest } from '../model/objects.ts';
import type { ManifestCode } from './codes.ts';
import { classify } from './envelope.ts';
import { readItems } from './fields.ts';
import type { KnownKind } from './kinds.ts';
import { readNode } from './node.ts';
import type { ReadResult } from './object.ts';
import { refOf } from './ref.ts';
import {
  type Complaint,
  complain,
  finishReport,
  formatField,
  type LocatedDiagnostic,
  type Path,
  type Report,
  startReport,
} from './report.ts';
import { readService } from './service/service.ts';
import { readServiceCidr } from './service-cidr.ts';
import { readEndpointSlice } from './slice/slice.ts';
import { type Fields, get, isFields, textIn } from './value.ts';

export type { LocatedDiagnostic } from './report.ts';
export { readEndpointSlice, readNode, readService, readServiceCidr };

export interface ManifestResult {
  readonly manifests: readonly Manifest[];
  /** Their paths start at the root that was read. */
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/** Lists within lists do occur (kubectl flattens them), but not many deep. */
const maxListDepth = 8;

interface Sink {
  readonly manifests: Manifest[];
  readonly diagnostics: LocatedDiagnostic[];
  /** The `items` that have been read: YAML aliases can make a list contain itself, or stand in many places. */
  readonly lists: Set<unknown>;
}

/** Where a value was found. */
interface Place {
  readonly path: Path;
  /** How many lists are around it. */
  readonly depth: number;
  /** The kind that a typed list gives its items. */
  readonly listed?: KnownKind | undefined;
  /** The report of the list around it. */
  readonly list?: Report;
}

/**
 * Reads one object, or a `List` (`ServiceList`, `EndpointSliceList`, …) of them, from parsed JSON or YAML. Never
 * throws; an object that cannot be used is left out alone.
 */
export function readManifest(json: unknown): ManifestResult {
  const sink: Sink = { manifests: [], diagnostics: [], lists: new Set() };
  readAny(sink, json, { path: [], depth: 0 });
  return { manifests: sink.manifests, diagnostics: sink.diagnostics };
}

function readAny(sink: Sink, json: unknown, place: Place): void {
  const envelope = classify(json, place.listed);
  if (envelope.is === 'object') {
    readKnown(sink, json, envelope.kind, place.path);
    return;
  }
  const report = startReport(textIn(json, 'kind') || 'object', json, place.path);
  if (envelope.is === 'list') {
    readListed(sink, envelope.fields, report, { ...place, listed: envelope.listed });
  } else if (place.list !== undefined && isNothing(envelope.complaint.code)) {
    // Counted with the list around it: a million nulls are one problem.
    complain(place.list, envelope.complaint, refOf(report.kind, json, formatField(place.path)));
  } else {
    complain(report, envelope.complaint);
  }
  sink.diagnostics.push(...finishReport(report));
}

function readListed(sink: Sink, fields: Fields, report: Report, { path, depth, listed }: Place): void {
  const items = get(fields, 'items');
  if (depth === maxListDepth || (items !== undefined && sink.lists.has(items))) {
    complain(report, {
      code: 'list-nested',
      problem:
        depth === maxListDepth ? `More than ${maxListDepth} lists within each other` : 'The list was read before',
      remedy: 'Put the objects into one list, or into documents of their own',
    });
    return;
  }
  sink.lists.add(items);
  if (isOnePage(fields)) complain(report, onePage);
  readItems(report, fields, 'items', (_, item, index) => {
    readAny(sink, item, { path: [...path, 'items', index], depth: depth + 1, listed, list: report });
    return undefined;
  });
}

/** The API server gives a page, when asked with `limit`, the token for the next one. */
function isOnePage(list: Fields): boolean {
  const metadata = get(list, 'metadata');
  return isFields(metadata) && textIn(metadata, 'continue') !== '';
}

const onePage: Complaint = {
  code: 'list-incomplete',
  key: 'metadata',
  problem: 'The API server has more objects of this list (metadata.continue), they are not here',
  remedy: 'Fetch the list without limit, or put the items of all pages into one list without metadata.continue',
};

function readKnown(sink: Sink, json: unknown, kind: KnownKind, path: Path): void {
  switch (kind) {
    case 'Service':
      keep(sink, readService(json, path), (object) => ({ kind, object }));
      break;
    case 'EndpointSlice':
      keep(sink, readEndpointSlice(json, path), (object) => ({ kind, object }));
      break;
    case 'Node':
      keep(sink, readNode(json, path), (object) => ({ kind, object }));
      break;
    case 'ServiceCIDR':
      keep(sink, readServiceCidr(json, path), (object) => ({ kind, object }));
      break;
    default:
      kind satisfies never;
  }
}

function keep<T>(sink: Sink, { object, diagnostics }: ReadResult<T>, wrap: (object: T) => Manifest): void {
  if (object !== undefined) sink.manifests.push(wrap(object));
  sink.diagnostics.push(...diagnostics);
}

function isNothing(code: ManifestCode): boolean {
  return code === 'not-an-object' || code === 'kind-missing';
}
