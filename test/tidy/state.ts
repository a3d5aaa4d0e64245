import type { TextFile } from './files.ts';
import { lineOf, type Violation } from './violation.ts';

/** The one place for it, where it cannot be observed. */
const home = 'src/core/structures/memoize.ts';

/** What a call of the core remembers for the next belongs to a value that the caller owns, never to a module. */
export function checkState(files: readonly TextFile[]): readonly Violation[] {
  return files
    .filter(({ path }) => /^src\/core\/.*\.ts$/.test(path) && path !== home)
    .flatMap(({ path, text }) =>
      [...text.matchAll(statement)].flatMap((found) => {
        const problem = problemOf(found[0]);
        return problem === undefined ? [] : [{ path, line: lineOf(text, found.index), message: problem }];
      }),
    );
}

/** A declaration at the start of a line, and all lines below it that are indented or close it. */
const statement = /^(?:export )?(?:let|var|const)\b.*(?:\n(?:[ )}\]].*)?)*/gm;
const constant = /^(?:export )?const \w+(?:: ([\s\S]*?))? =\s+([\s\S]*)$/;
/** State within a function is made for each call; `memoize` is the one exception to all of this. */
const functionStart = /^(?:memoize(?:For)?\(|(?:async )?(?:function\b|\w+ =>|\([^)]*\)(?:: [^=]+)? =>))/;
const mutableType = /(?<!Readonly)\b(?:Map|Set|WeakMap|WeakSet|Array)<|^Record<|^(?!readonly ).*\[\]$/;

function problemOf(text: string): string | undefined {
  if (!/^(?:export )?const\b/.test(text)) return 'a variable of the module: let a caller own it';
  const [, type, value = ''] = constant.exec(text) ?? [];
  if (functionStart.test(value)) return undefined;
  if (/\bnew Weak(?:Map|Set)\b/.test(value)) return 'a cache of the module: use memoize, or let a caller own it';
  if (/\bempty\w*Memory\(/.test(value)) return 'a memory of the module: let a caller own it';
  const isMutable = type === undefined ? /\bnew (?:Map|Set)\b/.test(value) : mutableType.test(type);
  const isEmpty = /^(?:\[\]|\{\s*\});/.test(value) && !/^readonly /i.test((type ?? '').replace('<', ' '));
  return isMutable || isEmpty ? 'a container of the module that can be written to: give it a Readonly type' : undefined;
}
