/**
 * Long lists as short chunks. A slightly changed list shares most chunks with the previous one, so each stage of the
 * compiler processes only new chunks: its cost follows the change.
 */
import { hashText } from './hash-text.ts';
import { differingRange, isIdentical, sameElements } from './list-difference.ts';

export type Chunked<T> = readonly (readonly T[])[];

/** The average number of values in a chunk. */
const averageLength = 64;
/** The maximum chunk length, which random hashes hardly ever reach. */
const longestLength = 512;

/**
 * Cuts a list by the hash of each key, not by position: added or removed values change only their own chunks. Chunks
 * that equal a chunk of `before` are that same value.
 */
export function cutIntoChunks<T>(list: readonly T[], keyOf: (value: T) => string, before: Chunked<T>): Chunked<T> {
  const known = new Map(before.map((chunk) => [chunk[0], chunk]));
  const chunks: (readonly T[])[] = [];
  let start = 0;
  for (let end = 1; end <= list.length; end += 1) {
    const last = list[end - 1] as T;
    const mayGoOn = end < list.length && end - start < longestLength;
    if (mayGoOn && hashText(keyOf(last)) % averageLength !== 0) continue;
    const chunk = list.slice(start, end);
    const old = known.get(chunk[0]);
    chunks.push(old !== undefined && sameElements(old, chunk) ? old : chunk);
    start = end;
  }
  return chunks;
}

/** The outputs for a list, to reuse for the next one. */
export interface ChunkMemory<I, O> {
  inputs: Chunked<I>;
  outputs: Chunked<O>;
}

export function emptyChunkMemory<I, O>(): ChunkMemory<I, O> {
  return { inputs: [], outputs: [] };
}

/**
 * Maps a list value by value, chunk by chunk. A chunk of the last call keeps its outputs. For the values of new chunks
 * and of `stale` chunks, `make` gets its earlier output for the same value, if any, and may return that again. If no
 * output changed, the result is the same value as last time.
 */
export function mapRemembered<I, O>(
  memory: ChunkMemory<I, O>,
  inputs: Chunked<I>,
  make: (input: I, known: O | undefined) => O,
  stale: ReadonlySet<readonly I[]> = nothing,
): Chunked<O> {
  const { inputs: before, outputs } = memory;
  const isKept = (a: readonly I[], b: readonly I[]): boolean => a === b && !stale.has(b);
  const { start, lastEnd, wantedEnd } = differingRange(before, inputs, isKept);
  if (start === lastEnd && start === wantedEnd) return outputs;
  const between = inputs.slice(start, wantedEnd);
  const made = makeChunks(before.slice(start, lastEnd), outputs.slice(start, lastEnd), { between, make, stale });
  // Both at once and last: if `make` throws, inputs must not be paired with outputs of other inputs next time.
  memory.inputs = inputs;
  const isSame = lastEnd === wantedEnd && made.every((chunk, i) => chunk === outputs[start + i]);
  if (!isSame) memory.outputs = [...outputs.slice(0, start), ...made, ...outputs.slice(lastEnd)];
  return memory.outputs;
}

const nothing: ReadonlySet<never> = new Set();

interface Making<I, O> {
  readonly between: Chunked<I>;
  readonly make: (input: I, known: O | undefined) => O;
  readonly stale: ReadonlySet<readonly I[]>;
}

function makeChunks<I, O>(
  before: Chunked<I>,
  outputs: Chunked<O>,
  { between, make, stale }: Making<I, O>,
): readonly (readonly O[])[] {
  const known = new Map(before.map((chunk, i) => [chunk, outputs[i] ?? []]));
  const isKept = (chunk: readonly I[]): boolean => known.has(chunk) && !stale.has(chunk);
  const current = new Set(between);
  const others = [...known].filter(([chunk]) => !current.has(chunk) || stale.has(chunk));
  const find = outputFinder(
    others.flatMap(([chunk]) => chunk),
    others.flatMap(([, made]) => made),
    between.filter((chunk) => !isKept(chunk)).flat(),
  );
  let place = -1;
  return between.map((chunk) => {
    const old = known.get(chunk);
    if (old !== undefined && isKept(chunk)) return old;
    const made = chunk.map((input) => {
      place += 1;
      return make(input, find(input, place));
    });
    return old !== undefined && sameElements(old, made) ? old : made;
  });
}

/** Finds outputs by position in the common beginning and end of both lists, and looks up those between. */
function outputFinder<I, O>(before: readonly I[], outputs: readonly O[], now: readonly I[]) {
  const { start, lastEnd, wantedEnd } = differingRange(before, now, isIdentical);
  const moved = new Map(before.slice(start, lastEnd).map((input, i) => [input, outputs[start + i]]));
  return (input: I, place: number): O | undefined => {
    if (place < start) return outputs[place];
    return place < wantedEnd ? moved.get(input) : outputs[place - wantedEnd + lastEnd];
  };
}

/** The values that only one of two lists contains, by identity, in order. No list contains a value twice. */
export function changedValues<T>(
  before: Chunked<T>,
  now: Chunked<T>,
): { readonly gone: readonly T[]; readonly come: readonly T[] } {
  const chunks = withoutCommon(before, now);
  return withoutCommon(chunks.gone.flat(), chunks.come.flat());
}

function withoutCommon<T>(before: readonly T[], now: readonly T[]): { readonly gone: T[]; readonly come: T[] } {
  const { start, lastEnd, wantedEnd } = differingRange(before, now, isIdentical);
  const [old, fresh] = [before.slice(start, lastEnd), now.slice(start, wantedEnd)];
  const [kept, known] = [new Set(fresh), new Set(old)];
  return { gone: old.filter((value) => !kept.has(value)), come: fresh.filter((value) => !known.has(value)) };
}
