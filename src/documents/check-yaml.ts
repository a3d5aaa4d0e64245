/** Checks that take one pass over a parsed document, of any size. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, visit } from 'yaml';

export interface DocumentFlaw {
  readonly code: 'DUPLICATE_KEY' | 'TOO_MANY_MERGES';
  readonly message: string;
  readonly offset: number;
}

/** Keys that `<<` may bring into the maps of one document: some lines can stand for millions. */
const maxMergedKeys = 100_000;

/** Keys that a map has twice, and too much merging; offsets count from the start of the parsed text. */
export function checkDocument(document: Document.Parsed): readonly DocumentFlaw[] {
  const found: DocumentFlaw[] = [];
  const anchors = new Map<string, unknown>();
  const sizes = new Map<unknown, number>();
  let merged = 0;
  const noteAnchor = (node: Node & { readonly anchor?: string }): void => {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
  };
  visit(document, {
    Scalar: (_, node) => noteAnchor(node),
    Seq: (_, node) => noteAnchor(node),
    Map: (_, node) => {
      noteAnchor(node);
      sizes.set(node, node.items.length);
      for (const offset of repeatedKeys(node.items)) {
        found.push({ code: 'DUPLICATE_KEY', message: 'Map keys must be unique', offset });
      }
    },
    Pair: (_, { key, value }, path) => {
      // The package reads a plain << as a symbol of that name.
      if (!isScalar(key) || (typeof key.value !== 'symbol' && key.value !== '<<')) return undefined;
      const map = path.at(-1);
      const added = (isSeq(value) ? value.items : [value])
        .map((source) => (isAlias(source) ? anchors.get(source.source) : source))
        .reduce((sum: number, source) => sum + (sizes.get(source) ?? (isMap(source) ? source.items.length : 0)), 0);
      sizes.set(map, (sizes.get(map) ?? 0) + added);
      merged += added;
      if (merged <= maxMergedKeys) return undefined;
      const message = `More than ${maxMergedKeys} keys by merging (<<)`;
      found.push({ code: 'TOO_MANY_MERGES', message, offset: key.range?.[0] ?? 0 });
      return visit.BREAK;
    },
  });
  return found;
}

function* repeatedKeys(items: readonly Pair[]): Generator<number> {
  const known = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (known.has(key.value)) yield key.range?.[0] ?? 0;
    known.add(key.value);
  }
}
