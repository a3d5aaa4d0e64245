/** A test's side of an agent: starts it in a namespace, gives it orders, ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { OpenDoor } from '../../support/api-server/listener.ts';
import type { Orders, Request, Response } from './messages.ts';

export interface Agent {
  order<N extends keyof Orders>(name: N, takes: Orders[N]['takes']): Promise<Orders[N]['gives']>;
  /** A socket of this process that listens in the agent's namespace. */
  readonly openDoor: OpenDoor;
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: Orders[keyof Orders]['gives'], door: Server | undefined) => void;
  readonly reject: (error: Error) => void;
}

const program = fileURLToPath(new URL('./agent.ts', import.meta.url));

/** Resolves once the agent runs. */
export async function startAgent(namespace: string): Promise<Agent> {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, program], { stdio: [...stdio] });
  const waiting = listen(child, namespace);
  let lastId = 0;
  const ready = new Promise<void>((resolve, reject) => waiting.set(0, { resolve: () => resolve(), reject }));
  const ask = <N extends keyof Orders>(name: N, order: Orders[N]['takes']) =>
    new Promise<{ result: Orders[N]['gives']; door: Server | undefined }>((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve: (result, door) => resolve({ result, door }), reject });
      child.send({ id: lastId, name, order } satisfies Request<N>);
    });
  await ready;
  return {
    order: async (name, takes) => (await ask(name, takes)).result,
    openDoor: async (port) => {
      const { door } = await ask('openDoor', { port });
      if (door === undefined) throw new Error(`${namespace}: no socket came`);
      return door;
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function listen(child: ChildProcess, namespace: string): Map<number, Waiting> {
  const waiting = new Map<number, Waiting>();
  child.on('message', (response: Response, door: Server | undefined) => {
    const waiter = waiting.get(response.id);
    waiting.delete(response.id);
    if ('error' in response) waiter?.reject(new Error(`${namespace}: ${response.error}`));
    else waiter?.resolve(response.result, door);
  });
  const failAll = (why: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(`${namespace}: ${why}`));
    waiting.clear();
  };
  child.on('error', (error) => failAll(error.message));
  child.on('exit', (code) => failAll(`the agent ended (${code ?? 'killed'})`));
  return waiting;
}
