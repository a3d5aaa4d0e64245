/** A list that was mapped, kept so that the next, much alike, costs a comparison of references for each element. */
export interface ListMemory<I, O> {
  inputs: readonly I[];
  outputs: readonly O[];
}

export function emptyListMemory<I, O>(): ListMemory<I, O> {
  return { inputs: [], outputs: [] };
}

/**
 * Maps a list; `make` is given what it made of the same element last time, if it was there. Most lists have the same
 * elements in the same places as before; where one came or went, the others are looked up.
 */
export function mapRemembered<I, O>(
  memory: ListMemory<I, O>,
  inputs: readonly I[],
  make: (input: I, known: O | undefined) => O,
): readonly O[] {
  let moved: ReadonlyMap<I, O> | undefined;
  const { inputs: oldInputs, outputs: oldOutputs } = memory;
  const outputs = inputs.map((input, i) => {
    if (oldInputs[i] === input) return make(input, oldOutputs[i]);
    moved ??= new Map(oldInputs.map((old, j) => [old, oldOutputs[j] as O]));
    return make(input, moved.get(input));
  });
  memory.inputs = inputs;
  memory.outputs = outputs;
  return outputs;
}

/**
 * The same where an output depends on its input alone: what is the same at both ends of the lists is not looked at one
 * by one, and where nothing changed the outputs are the very list of last time.
 */
export function mapChanged<I, O>(memory: ListMemory<I, O>, inputs: readonly I[], make: (input: I) => O): readonly O[] {
  const { inputs: before, outputs } = memory;
  const { start, beforeEnd, end } = changedRange(before, inputs);
  if (start === beforeEnd && start === end) return outputs;
  const known = new Map(before.slice(start, beforeEnd).map((input, i) => [input, outputs[start + i] as O]));
  const between = inputs.slice(start, end).map((input) => known.get(input) ?? make(input));
  // Both at once and last: should `make` throw, the inputs must not meet outputs of other ones next time.
  memory.inputs = inputs;
  memory.outputs = outputs.slice(0, start).concat(between, outputs.slice(beforeEnd));
  return memory.outputs;
}

/** The part of two lists between a common beginning and a common end; both ends are exclusive. */
export function changedRange<T>(
  before: readonly T[],
  now: readonly T[],
): { readonly start: number; readonly beforeEnd: number; readonly end: number } {
  let start = 0;
  while (start < before.length && start < now.length && before[start] === now[start]) start += 1;
  let [beforeEnd, end] = [before.length, now.length];
  while (beforeEnd > start && end > start && before[beforeEnd - 1] === now[end - 1]) {
    beforeEnd -= 1;
    end -= 1;
  }
  return { start, beforeEnd, end };
}

/** Whether two lists have the same elements, by identity, in the same places. */
export function sameElements<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((element, i) => element === b[i]));
}
