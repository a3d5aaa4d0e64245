/**
 * Writing to a file descriptor without ever waiting for it. A write that blocks would take one of Node's four threads
 * for files and, worse, `process.exit` waits for those threads: a daemon whose reader has stalled could not end.
 */
import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Writes some of the bytes and says how many, or why not; `EAGAIN` where there is no room now. One write at a time.
 * Never throws.
 */
export type Writer = (bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void;

/** A writer for an open descriptor: 1 and 2 are standard output and standard error. */
export function writerOf(descriptor: number): Writer {
  if (isSocket(descriptor)) return socketWriter(descriptor);
  const target = reopen(descriptor);
  return (bytes, done) => write(target, bytes, (error, written) => done(error, written ?? 0));
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    // A closed descriptor: each write will say so.
    return false;
  }
}

/**
 * The same pipe or terminal through a description of our own that does not block: to set the flag on the one we were
 * given would set it for every process that shares it. What cannot be opened again is used as it is.
 */
function reopen(descriptor: number): number {
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return descriptor;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return descriptor;
  }
}

/** A socket, such as systemd's journal, cannot be opened again; Node writes to it when there is room. */
function socketWriter(descriptor: number): Writer {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true });
  // Each write gets its error.
  socket.on('error', () => {});
  socket.unref();
  return (bytes, done) => {
    socket.write(bytes, (error) => done(error ?? null, error ? 0 : bytes.length));
  };
}
