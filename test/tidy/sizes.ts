import type { TextFile } from './files.ts';
import type { Violation } from './violation.ts';

// The fourth limit, 70 lines a function, is Biome's noExcessiveLinesPerFunction (biome.json): it has a parser.
export const maxLineLength = 120;
export const maxFileLines = 300;
export const maxMedianLines = 130;

/** Lines and files of src, test and scripts are short; half of the files of src are shorter still. */
export function checkSizes(files: readonly TextFile[]): readonly Violation[] {
  const sources = files.filter(({ path }) => /^(src|test|scripts)\/.*\.ts$/.test(path));
  return [...sources.flatMap(checkLines), ...sources.flatMap(checkFile), ...checkMedian(sources)];
}

function checkLines({ path, text }: TextFile): readonly Violation[] {
  return text.split('\n').flatMap((line, index) => {
    // Characters as a reader counts them: an arrow in a comment is one.
    const length = [...line].length;
    if (length <= maxLineLength) return [];
    return [{ path, line: index + 1, message: `line of ${length} characters, at most ${maxLineLength}` }];
  });
}

function checkFile({ path, text }: TextFile): readonly Violation[] {
  const lines = countLines(text);
  return lines <= maxFileLines ? [] : [{ path, line: lines, message: `${lines} lines, at most ${maxFileLines}` }];
}

function checkMedian(sources: readonly TextFile[]): readonly Violation[] {
  const lengths = sources.filter(({ path }) => path.startsWith('src/')).map(({ text }) => countLines(text));
  const median = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;
  if (median <= maxMedianLines) return [];
  return [{ path: 'src', line: 1, message: `the median file has ${median} lines, at most ${maxMedianLines}` }];
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
