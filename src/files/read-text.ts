/** Reads a file or a stream as text, up to a limit, and explains why one cannot be read. */
import { close, constants, fstat, open as openFile } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { Socket } from 'node:net';
import { sep } from 'node:path';
import { promisify } from 'node:util';
import type { Diagnostic } from '../core/diagnostics.ts';
import { fileDiagnostic } from '../documents/finding.ts';

/** 512 MiB: about what fits into one text of V8. A pipe can go on for ever. */
const maxBytes = 0x2000_0000;

/** For a pipe, standard input included: its writer may hang. */
const longestPipeMs = 600_000;

/** Opening a pipe would wait for its other end, and a terminal would become ours. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** A regular file, or a pipe such as the shell's `<(…)` and /dev/stdin. Rejects, also for a device. */
export async function readText(file: string): Promise<string> {
  const descriptor = await promisify(openFile)(file, openFlags);
  const stats = await promisify(fstat)(descriptor);
  // A socket owns its descriptor, and waits without a thread.
  if (stats.isFIFO()) return readStream(new Socket({ fd: descriptor, readable: true, writable: false }));
  await promisify(close)(descriptor);
  if (!stats.isFile()) throw codedError(stats.isDirectory() ? 'EISDIR' : 'NOT_A_FILE');
  return readRegular(file, openFlags);
}

/**
 * A file of a folder, which others may have put there: a regular one, and in the folder (`root`, without links in its
 * path) also where links lead to it. Rejects for any other.
 */
export async function readTextIn(root: string, file: string): Promise<string> {
  const target = await realpath(file);
  if (!target.startsWith(root === sep ? sep : `${root}${sep}`)) throw codedError('OUT_OF_FOLDER');
  return readRegular(target, openFlags | constants.O_NOFOLLOW);
}

async function readRegular(path: string, flags: number): Promise<string> {
  await using handle = await open(path, flags);
  const stats = await handle.stat();
  if (!stats.isFile()) throw codedError(stats.isDirectory() ? 'EISDIR' : 'NOT_A_FILE');
  return decode(await handle.readFile());
}

/** All of the stream; rejects where it has more than `limit` bytes, and where it does not end in time. */
export async function readStream(
  stream: AsyncIterable<unknown> & { destroy(error?: Error): unknown },
  limit = maxBytes,
  longestMs = longestPipeMs,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => stream.destroy(codedError('NO_END')), longestMs);
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) throw new Error('a stream of texts');
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) throw codedError('ERR_FS_FILE_TOO_LARGE');
    }
  } finally {
    clearTimeout(timer);
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

interface Reason {
  /** `input-refused`: it is not read at all; it can have no objects of ours. `input-unreadable` when absent. */
  readonly code?: 'input-refused';
  readonly problem: string;
  readonly remedy: string;
}

const tooLarge: Reason = { problem: 'it is too large to be one text', remedy: 'split it into several files' };
const forbidden: Reason = {
  problem: 'reading it is not permitted',
  remedy: 'change its permissions, or run as a user who may read it',
};
const noFile: Reason = {
  code: 'input-refused',
  problem: 'it is a device, a pipe or a socket',
  remedy: 'give a file, a directory or - for standard input',
};
const reasons: ReadonlyMap<string, Reason> = new Map([
  ['ENOENT', { problem: 'there is no such file or directory', remedy: 'check the path' }],
  ['EACCES', forbidden],
  ['EPERM', forbidden],
  ['EISDIR', { problem: 'it is a directory', remedy: 'give it a name that does not end like that of a file' }],
  ['NOT_A_FILE', noFile],
  // What open says of a socket, and of a device without a driver.
  ['ENXIO', noFile],
  [
    'OUT_OF_FOLDER',
    {
      code: 'input-refused',
      problem: 'it is a link that leads out of the folder, and is not followed',
      remedy: 'copy the file into the folder',
    },
  ],
  [
    'NO_END',
    { problem: `it has not ended after ${longestPipeMs / 60_000} min`, remedy: 'check the program that writes it' },
  ],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', { problem: 'it is not UTF-8 text', remedy: 'give YAML or JSON in UTF-8' }],
  ['ERR_STRING_TOO_LONG', tooLarge],
  ['ERR_FS_FILE_TOO_LARGE', tooLarge],
]);

function unreadableInput(name: string, error: unknown): Diagnostic {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const other: Reason = { problem: `it cannot be read (${message})`, remedy: 'give a file that can be read' };
  return fileDiagnostic(name, { code: 'input-unreadable', ...(reasons.get(code) ?? other) });
}
