/** Makes lines of output that comes in pieces. */
export interface LineSplitter {
  take(chunk: Uint8Array): void;
  /** The output is over: what follows the last line end is a line too. */
  end(): void;
}

/** Calls back with each line, without its line end, read as Latin-1. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  let rest = '';
  return {
    take(chunk) {
      const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
