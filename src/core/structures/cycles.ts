/** Finds cycles of jumps: the kernel refuses chains that call each other (ELOOP). */

/**
 * A cycle, as its nodes with the first repeated at the end; undefined if there is none. `edges[n]` are the nodes that
 * `n` points to. Without recursion, since a sequence of chains can be longer than the stack.
 */
export function findCycle(edges: readonly (readonly number[])[]): readonly number[] | undefined {
  const isDone = new Uint8Array(edges.length);
  /** For each node its position on the path from the root (from 1; 0 if not on it), and its next edge. */
  const placeOnPath = new Uint32Array(edges.length);
  const nextEdge = new Uint32Array(edges.length);
  const path: number[] = [];
  for (let root = 0; root < edges.length; root += 1) {
    if (isDone[root] !== 1) placeOnPath[root] = path.push(root);
    while (path.length > 0) {
      const node = path[path.length - 1] ?? 0;
      const edge = nextEdge[node] ?? 0;
      const target = edges[node]?.[edge];
      nextEdge[node] = edge + 1;
      if (target === undefined) {
        path.pop();
        placeOnPath[node] = 0;
        isDone[node] = 1;
      } else if (placeOnPath[target] !== 0) {
        return [...path.slice((placeOnPath[target] ?? 1) - 1), target];
      } else if (isDone[target] !== 1) {
        placeOnPath[target] = path.push(target);
      }
    }
  }
  return undefined;
}
