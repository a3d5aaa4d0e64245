/**
 * From a parsed document to the model: usable objects come out, the rest is reported. The entry of this room, and the
 * only place that walks lists of objects. A new kind gets a reader in `readers` and a line in kinds.ts.
 */

import type { Manifest } from '../model/objects.ts';
import { formatPath, type JsonPath } from '../structures/json-path.ts';
import type { ManifestCode } from './codes.ts';
import { classify } from './envelope.ts';
import { readItems } from './fields.ts';
import type { KnownKind } from './kinds.ts';
import { readNode } from './node.ts';
import type { ReadResult } from './object.ts';
import { refOf } from './ref.ts';
import {
  complain,
  finishReport,
  type LocatedDiagnostic,
  type ManifestProblem,
  type Report,
  startReport,
} from './report.ts';
import { readService } from './service/service.ts';
import { readServiceCidr } from './service-cidr.ts';
import { readEndpointSlice } from './slice/slice.ts';
import { get, isFields, type JsonFields, textIn } from './value.ts';

export type { LocatedDiagnostic } from './report.ts';
export { readEndpointSlice, readNode, readService, readServiceCidr };

/** An object of the document, usable or not. */
export interface FoundObject {
  /** Its own kind, or the kind of items of the typed list around it. */
  readonly kind: string;
  readonly json: unknown;
  /** From the root that was read to the object. */
  readonly path: JsonPath;
  /** Absent for an object that shapes no rules or has been left out. */
  readonly manifest?: Manifest;
}

export interface ManifestResult {
  /** Everything that has a kind, in order; objects of kinds that shape no rules too. */
  readonly objects: readonly FoundObject[];
  /** Those of `objects` that shape rules. */
  readonly manifests: readonly Manifest[];
  /** Their paths start at the root that was read. */
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/** Lists within lists do occur (kubectl flattens them), but not many deep. */
const maxListDepth = 8;

interface Sink {
  readonly objects: FoundObject[];
  readonly diagnostics: LocatedDiagnostic[];
  /** The `items` that have been read: YAML aliases can make a list contain itself, or stand in many places. */
  readonly lists: Set<unknown>;
}

const readers: {
  readonly [Kind in KnownKind]: (
    json: unknown,
    path: JsonPath,
  ) => ReadResult<Extract<Manifest, { readonly kind: Kind }>['object']>;
} = { Service: readService, EndpointSlice: readEndpointSlice, Node: readNode, ServiceCIDR: readServiceCidr };

/** Where a value was found. */
interface Place {
  readonly path: JsonPath;
  /** How many lists are around it. */
  readonly depth: number;
  /** The kind of the items of a typed list. */
  readonly listed?: KnownKind | undefined;
  /** The report of the list around it. */
  readonly list?: Report;
}

/**
 * Reads one object, or a `List` (`ServiceList`, `EndpointSliceList`, …) of them, from parsed JSON or YAML. Never
 * throws; an object that cannot be used is left out alone.
 */
export function readManifest(json: unknown): ManifestResult {
  const sink: Sink = { objects: [], diagnostics: [], lists: new Set() };
  readAny(sink, json, { path: [], depth: 0 });
  const { objects, diagnostics } = sink;
  return { objects, manifests: objects.flatMap(({ manifest }) => manifest ?? []), diagnostics };
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
    complain(place.list, envelope.complaint, refOf(report.kind, json, formatPath(place.path)));
  } else {
    complain(report, envelope.complaint);
  }
  if (envelope.is === 'refused') noteRefused(sink, json, place.path);
  sink.diagnostics.push(...finishReport(report));
}

function readListed(sink: Sink, fields: JsonFields, report: Report, { path, depth, listed }: Place): void {
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
  if (items === undefined) return complain(report, withoutItems);
  if (isOnePage(fields)) complain(report, onePage);
  readItems(report, fields, 'items', (_, item, index) => {
    readAny(sink, item, { path: [...path, 'items', index], depth: depth + 1, listed, list: report });
    return undefined;
  });
}

/** The API server gives a page, when asked with `limit`, the token for the next one. */
function isOnePage(list: JsonFields): boolean {
  const metadata = get(list, 'metadata');
  return isFields(metadata) && textIn(metadata, 'continue') !== '';
}

const onePage: ManifestProblem = {
  code: 'list-incomplete',
  key: 'metadata',
  problem: 'The API server has more objects of this list (metadata.continue), they are not here',
  remedy: 'Fetch the list without limit, or put the items of all pages into one list without metadata.continue',
};

const withoutItems: ManifestProblem = {
  code: 'list-incomplete',
  key: 'items',
  problem: 'A list without items is not the answer of an API server',
  remedy: 'Fetch the list again; a cluster without such objects gives items: []',
};

function readKnown(sink: Sink, json: unknown, kind: KnownKind, path: JsonPath): void {
  const { object, diagnostics } = readers[kind](json, path);
  // Each reader gives the object of its kind.
  const read = object === undefined ? {} : { manifest: { kind, object } as Manifest };
  sink.objects.push({ kind, json, path, ...read });
  sink.diagnostics.push(...diagnostics);
}

/** Takes note of an object that is not read. Of a list that is not read, such as a PodList, its items. */
function noteRefused(sink: Sink, json: unknown, path: JsonPath): void {
  const kind = textIn(json, 'kind');
  const items = kind.endsWith('List') && isFields(json) ? get(json, 'items') : undefined;
  if (!Array.isArray(items)) {
    if (kind !== '') sink.objects.push({ kind, json, path });
    return;
  }
  if (sink.lists.has(items)) return;
  sink.lists.add(items);
  const itemKind = kind.slice(0, -'List'.length);
  for (const [index, item] of items.entries()) {
    const found = itemKind || textIn(item, 'kind');
    if (found !== '') sink.objects.push({ kind: found, json: item, path: [...path, 'items', index] });
  }
}

function isNothing(code: ManifestCode): boolean {
  return code === 'not-an-object' || code === 'kind-missing';
}
