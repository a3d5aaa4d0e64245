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

/** Whether two lists have the same elements, by identity, in the same places. */
export function sameElements<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((element, i) => element === b[i]));
}
