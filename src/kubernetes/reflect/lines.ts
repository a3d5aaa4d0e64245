/** Makes lines of a stream that comes in pieces. */

/** No object of Kubernetes comes near this: etcd takes 1.5 MB. A server that sends more is not an API server. */
const longestLine = 32 * 1024 * 1024;

const newline = 0x0a;

/** Takes a stream piece by piece and gives the lines that each piece completes, without their line ends. */
export type LineReader = (chunk: Buffer) => readonly string[];

/**
 * What is left of a line waits for the next piece as it came; it is put together once, when the line ends. Throws when
 * a line gets too long.
 */
export function createLineReader(maxBytes = longestLine): LineReader {
  let parts: Buffer[] = [];
  let held = 0;
  return (chunk) => {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      if (held === 0) lines.push(chunk.toString('utf8', start, end));
      else lines.push(Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8'));
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > maxBytes) throw new RangeError(`a line of more than ${maxBytes} bytes`);
    return lines;
  };
}
