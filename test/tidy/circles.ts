import { posix } from 'node:path';
import type { TextFile } from './files.ts';
import { importsOf } from './imports.ts';
import type { Violation } from './violation.ts';

/** No file of src, scripts or test imports itself by way of others; type imports count. */
export function checkCircles(files: readonly TextFile[]): readonly Violation[] {
  return circlesOf(importGraph(files)).map((circle) => ({
    path: circle[0] ?? '',
    line: 1,
    message: `imports itself by way of: ${circle.join(', ')}`,
  }));
}

type Graph = ReadonlyMap<string, readonly string[]>;

/** What each file imports, of these files. */
function importGraph(files: readonly TextFile[]): Graph {
  const sources = files.filter(({ path }) => /^(src|scripts|test)\/.*\.ts$/.test(path));
  const paths = new Set(sources.map(({ path }) => path));
  return new Map(
    sources.map((file) => {
      const specifiers = importsOf(file).filter(({ specifier }) => specifier.startsWith('.'));
      const targets = specifiers.map(({ specifier }) => posix.join(posix.dirname(file.path), specifier));
      return [file.path, targets.filter((target) => paths.has(target))];
    }),
  );
}

/** The sets of files that all reach each other (Tarjan's strongly connected components), sorted. */
function circlesOf(graph: Graph): readonly (readonly string[])[] {
  const [order, lowest] = [new Map<string, number>(), new Map<string, number>()];
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (path: string): number => {
    const index = order.size;
    order.set(path, index);
    stack.push(path);
    let low = index;
    for (const target of graph.get(path) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, lowest.get(target) ?? order.get(target) ?? low);
    }
    lowest.set(path, low);
    if (low === index) {
      const component = stack.splice(stack.indexOf(path));
      if (component.length > 1 || graph.get(path)?.includes(path)) circles.push(component.sort());
    }
    return low;
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return circles.sort();
}
