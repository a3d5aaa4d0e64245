/** A document of an input: its value, and where the parts of the value are in the text. */
import type { JsonPath } from '../core/structures/json-path.ts';
import type { Finding } from './finding.ts';
import type { Source } from './source.ts';

/** `exact`: the path leads there; otherwise it is the nearest part on the way. */
export interface LocatedPart {
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly exact: boolean;
}

/** Finds a part of a document in the text. */
export type Locate = (path: JsonPath) => LocatedPart;

export interface InputDocument {
  readonly source: Source;
  readonly value: unknown;
  readonly locate: Locate;
}

export interface ParsedSource {
  readonly documents: readonly InputDocument[];
  /** One for each document that is neither YAML nor JSON; these documents are left out. */
  readonly findings: readonly Finding[];
}
