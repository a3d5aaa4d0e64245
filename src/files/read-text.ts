/** Reads a file or a stream as text, up to a limit, and explains why one cannot be read. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Diagnostic } from '../core/diagnostics.ts';
import { fileDiagnostic } from '../documents/finding.ts';

/** 512 MiB: about what fits into one text of V8. A pipe can go on for ever. */
const maxBytes = 0x2000_0000;

/** A regular file, or a pipe such as the shell's `<(…)` and /dev/stdin. Rejects, also for a device. */
export async function readText(file: string): Promise<string> {
  const stats = await stat(file);
  if (stats.isFile()) return decode(await readFile(file));
  if (stats.isFIFO()) return await readStream(createReadStream(file));
  throw codedError(stats.isDirectory() ? 'EISDIR' : 'NOT_A_FILE');
}

/** All of the stream; rejects where it has more than `limit` bytes. */
export async function readStream(stream: AsyncIterable<unknown>, limit = maxBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new Error('a stream of texts');
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) throw codedError('ERR_FS_FILE_TOO_LARGE');
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function codedError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** The value, or what to tell about the input of this name. */
export async function attempt<T>(name: string, action: () => Promise<T>): Promise<{ readonly value: T } | Diagnostic> {
  try {
    return { value: await action() };
  } catch (error) {
    return unreadableInput(name, error);
  }
}

const tooLarge = ['it is too large to be one text', 'split it into several files'] as const;
const forbidden = ['reading it is not permitted', 'change its permissions, or run as a user who may read it'] as const;
const reasons: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOENT: ['there is no such file or directory', 'check the path'],
  EACCES: forbidden,
  EPERM: forbidden,
  EISDIR: ['it is a directory', 'give it a name that does not end like that of a file'],
  NOT_A_FILE: ['it is a device or a socket', 'give a file, a directory or - for standard input'],
  ERR_ENCODING_INVALID_ENCODED_DATA: ['it is not UTF-8 text', 'give YAML or JSON in UTF-8'],
  ERR_STRING_TOO_LONG: tooLarge,
  ERR_FS_FILE_TOO_LARGE: tooLarge,
};

function unreadableInput(name: string, error: unknown): Diagnostic {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const [problem, remedy] = reasons[code] ?? [`it cannot be read (${message})`, 'give a file that can be read'];
  return fileDiagnostic(name, { code: 'input-unreadable', problem, remedy });
}
