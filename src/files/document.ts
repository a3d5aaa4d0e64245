/** A document of an input: its value, and where the parts of the value stand in the text. */
import type { Finding } from './finding.ts';
import type { Source } from './source.ts';

/** Keys and indexes from the root of a document. */
export type Path = readonly (string | number)[];

/** `exact`: the path leads to it; otherwise it is the nearest thing on the way there. */
export interface Located {
  readonly offset: number;
  readonly exact: boolean;
}

export interface InputDocument {
  readonly source: Source;
  readonly value: unknown;
  readonly locate: (path: Path) => Located;
}

export interface ParsedSource {
  readonly documents: readonly InputDocument[];
  /** Documents that are no YAML or JSON and were left out. */
  readonly findings: readonly Finding[];
}
