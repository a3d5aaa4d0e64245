/**
 * One daemon for each node: an abstract Unix socket, which the kernel keeps by name in each network namespace and frees
 * when its process ends, however it ends. Who connects to it is told who holds it.
 */
import { once } from 'node:events';
import { createConnection, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFields } from '../core/manifest/value.ts';

/** The process that keeps the rules of this network namespace. */
export interface LockHolder {
  /** In its own PID namespace: 1 in most containers. */
  readonly pid: number;
  readonly hostname: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

export interface NodeLock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Another process holds it, called once: `who` describes it. */
  readonly onHeld: (who: string) => void;
  /** For tests. */
  readonly name?: string;
  readonly waitMs?: number;
  readonly retryMs?: number;
}

/** The lock was not free in time; the message names its holder. */
export class NodeLockError extends Error {
  override readonly name = 'NodeLockError';
}

const lockName = 'rulewright';
/** A rolling update starts the next daemon while the one before ends. */
const usualWaitMs = 60_000;
const usualRetryMs = 250;
const answerMs = 1000;
const maxAnswerLength = 1000;

/** Takes the lock, or rejects with a NodeLockError when another process has held it all the time. */
export async function takeNodeLock(options: LockOptions): Promise<NodeLock> {
  const { signal, onHeld, name = lockName, waitMs = usualWaitMs, retryMs = usualRetryMs } = options;
  // A leading zero byte makes it a name of the kernel's, and no file.
  const path = `\0${name}`;
  const giveUpAtMs = performance.now() + waitMs;
  const startedAt = new Date().toISOString();
  let isTold = false;
  for (;;) {
    const server = await listen(path, { pid: process.pid, hostname: hostname(), startedAt });
    if (server !== undefined && !signal.aborted) return { release: () => close(server) };
    if (server !== undefined) await close(server);
    signal.throwIfAborted();
    if (!isTold) onHeld(describe(await askHolder(path)));
    isTold = true;
    if (performance.now() >= giveUpAtMs) {
      const holder = describe(await askHolder(path));
      throw new NodeLockError(`${holder} has kept the rules of this node for ${waitMs / 1000} s: end it first`);
    }
    await sleep(retryMs, undefined, { signal });
  }
}

/** Whether a daemon runs in this network namespace. One that does not accept in time counts: it holds the name. */
export function isDaemonRunning(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(`\0${lockName}`);
    const answer = (isRunning: boolean): void => {
      socket.destroy();
      resolve(isRunning);
    };
    socket.setTimeout(answerMs, () => answer(true));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** Undefined where another process has the name. */
async function listen(path: string, holder: LockHolder): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.end(JSON.stringify(holder));
  });
  server.maxConnections = 16;
  server.listen(path);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  // Accepting may fail for want of descriptors; the name stays taken.
  server.on('error', () => undefined);
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** What the holder says of itself; undefined where it says nothing that makes sense in time. */
async function askHolder(path: string): Promise<LockHolder | undefined> {
  const socket = createConnection(path);
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), answerMs);
  let text = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > maxAnswerLength) return undefined;
    }
    return readHolder(JSON.parse(text));
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function readHolder(value: unknown): LockHolder | undefined {
  if (!isFields(value)) return undefined;
  const { pid, hostname: host, startedAt } = value;
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof startedAt !== 'string') return undefined;
  return { pid, hostname: host, startedAt };
}

function describe(holder: LockHolder | undefined): string {
  if (holder === undefined) return `another process (see ss -xlp for @${lockName})`;
  return `another rulewright (pid ${holder.pid} of host ${holder.hostname}, started ${holder.startedAt})`;
}
