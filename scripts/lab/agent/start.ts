/** The other side of an agent: start it in a namespace, give it orders, end it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { OpenDoor } from '../api-server/listener.ts';
import type { Orders, Request, Response } from './messages.ts';

const replyTimeoutMs = 30_000;
const exitTimeoutMs = 2_000;
const agentProgram = fileURLToPath(new URL('./agent.ts', import.meta.url));

export interface Agent {
  readonly namespace: string;
  /** Throws an Error that names the namespace when the agent fails, ends or does not reply in time. */
  order<N extends keyof Orders>(name: N, takes: Orders[N]['takes']): Promise<Orders[N]['gives']>;
  /** A socket of this process that listens in the agent's namespace. */
  readonly openDoor: OpenDoor;
  /** Ends the process and waits until it is gone. */
  end(): Promise<void>;
  /** Lets go of a process that was ordered to stay. */
  release(): void;
}

interface Reply {
  readonly result: Orders[keyof Orders]['gives'];
  readonly door: Server | undefined;
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Resolves once the agent runs. In a session of its own: Ctrl-C on the terminal goes to this process alone. */
export async function startAgent(namespace: string, signal: AbortSignal): Promise<Agent> {
  const args = ['netns', 'exec', namespace, process.execPath, agentProgram];
  const child = spawn('ip', args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true });
  const waiting = listen(child, namespace);
  let lastId = 0;
  const ask = async <N extends keyof Orders>(name: N, order: Orders[N]['takes']): Promise<Reply> => {
    lastId += 1;
    const request: Request<N> = { id: lastId, name, order };
    return await answerTo(waiting, request.id, signal, () => child.send(request));
  };
  const agent: Agent = {
    namespace,
    order: async (name, takes) => (await ask(name, takes)).result as Orders[typeof name]['gives'],
    openDoor: async (port) => {
      const { door } = await ask('openDoor', { port });
      if (door === undefined) throw new Error(`${namespace}: no socket came`);
      return door;
    },
    end: () => endProcess(child),
    release: () => {
      child.disconnect();
      child.stderr?.destroy();
      child.unref();
    },
  };
  await answerTo(waiting, 0, signal, () => undefined).catch(async (error: unknown) => {
    await agent.end();
    throw error;
  });
  return agent;
}

function listen(child: ChildProcess, namespace: string): Map<number, Waiting> {
  const waiting = new Map<number, Waiting>();
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-2_000);
  });
  child.on('message', (response: Response, door: Server | undefined) => {
    const waiter = waiting.get(response.id);
    waiting.delete(response.id);
    if ('error' in response) waiter?.reject(new Error(`${namespace}: ${response.error}`));
    else waiter?.resolve({ result: response.result, door });
  });
  const failAll = (why: string): void => {
    for (const waiter of waiting.values()) waiter.reject(new Error(`${namespace}: ${why} ${complaint}`.trim()));
    waiting.clear();
  };
  child.on('error', (error) => failAll(error.message));
  child.on('close', (code) => failAll(`the agent ended early (${code ?? 'killed'})`));
  return waiting;
}

async function answerTo(
  waiting: Map<number, Waiting>,
  id: number,
  signal: AbortSignal,
  send: () => void,
): Promise<Reply> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => fail(new Error(`an agent gave no reply within ${replyTimeoutMs} ms`)),
      replyTimeoutMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      reject(error);
    };
    const aborted = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    const done = (reply: Reply): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      resolve(reply);
    };
    waiting.set(id, { resolve: done, reject: fail });
    send();
  });
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  await Promise.race([gone, delay(exitTimeoutMs, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await gone;
  }
}
