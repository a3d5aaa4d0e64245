/** The clients: connections that stay open, and new ones all the time. */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attempt, nowMs, type Target, type TrafficOrder, type TrafficReport } from './messages.ts';

/** Without an answer by then, an attempt counts as not answered. */
const patienceMs = 5000;

/** Linux sends a SYN again after one second (TCP_TIMEOUT_INIT). */
const synRepeatMs = 950;
const datagramRepeatMs = 1000;

export interface Traffic {
  readonly countHeld: () => number;
  /** Ends it; what was still open is closed. */
  readonly end: () => Promise<TrafficReport>;
}

export function startTraffic({ targets, heldEach, echoEveryMs, connectEveryMs }: TrafficOrder): Traffic {
  const ending = new AbortController();
  const attempts: Attempt[] = [];
  const held = new Set<Holding>();
  const running = targets
    .filter(({ protocol }) => protocol === 'TCP')
    .flatMap((target) =>
      Array.from({ length: heldEach }, () => keepConnected(target, { held, echoEveryMs, signal: ending.signal })),
    );
  const connectAgain = async (): Promise<void> => {
    const pending = new Set<Promise<unknown>>();
    for (let n = 0; !ending.signal.aborted; n += 1) {
      const target = targets[n % targets.length];
      if (target === undefined) return;
      const attempt = askOnce(target).then((made) => attempts.push(made));
      pending.add(attempt);
      void attempt.finally(() => pending.delete(attempt));
      await pause(connectEveryMs, ending.signal);
    }
    await Promise.all(pending);
  };
  running.push(connectAgain());
  return {
    countHeld: () => [...held].filter(({ lost }) => lost === undefined).length,
    end: async () => {
      ending.abort();
      await Promise.all(running);
      return { attempts, held: [...held].map(({ socket: _, ...report }) => report) };
    },
  };
}

function askOnce(target: Target): Promise<Attempt> {
  return target.protocol === 'TCP' ? askTcp(target) : askUdp(target);
}

async function askTcp(target: Target): Promise<Attempt> {
  const startMs = nowMs();
  const ended = (outcome: string, endpoint = '', connectMs = 0): Attempt => ({
    ...{ target: target.name, startMs, endMs: nowMs(), outcome, endpoint },
    wasRepeated: connectMs > synRepeatMs,
  });
  const opened = await open(target);
  if ('failure' in opened) return ended(opened.failure);
  const { socket, endpoint, connectMs } = opened;
  const failure = await echo(socket, 'once');
  // With a reset: no port of the client waits for two minutes.
  socket.resetAndDestroy();
  return ended(failure ?? 'ok', endpoint, connectMs);
}

export async function askUdp({ name, address, port }: Target, sourcePort = 0, waitMs = patienceMs): Promise<Attempt> {
  const startMs = nowMs();
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let sent = 0;
  const send = (): void => {
    sent += 1;
    socket.send('who', port, address, () => undefined);
  };
  const answer = new Promise<string>((resolve) => {
    socket.on('message', (message) => resolve(message.toString()));
    // An ICMP error comes only to sockets that are connected: here nothing answers.
    socket.on('error', () => resolve(''));
  });
  await new Promise<void>((resolve) => socket.bind(sourcePort, () => resolve()));
  send();
  const again = setInterval(send, datagramRepeatMs);
  const timer = new AbortController();
  const endpoint = await Promise.race([answer, pause(waitMs, timer.signal).then(() => '')]);
  timer.abort();
  clearInterval(again);
  socket.close();
  const outcome = endpoint === '' ? 'timeout' : 'ok';
  return { target: name, startMs, endMs: nowMs(), outcome, endpoint, wasRepeated: sent > 1 };
}

interface Holding {
  readonly target: string;
  readonly endpoint: string;
  readonly openedMs: number;
  readonly socket: Socket;
  echoes: number;
  lost?: { readonly atMs: number; readonly why: string };
}

interface Keeping {
  readonly held: Set<Holding>;
  readonly echoEveryMs: number;
  readonly signal: AbortSignal;
}

/** One connection after the other: the next only when one is lost or could not be opened. */
async function keepConnected(target: Target, { held, echoEveryMs, signal }: Keeping): Promise<void> {
  while (!signal.aborted) {
    const opened = await open(target);
    if ('failure' in opened) {
      await pause(200, signal);
      continue;
    }
    const { socket, endpoint } = opened;
    const holding: Holding = { target: target.name, endpoint, openedMs: nowMs(), socket, echoes: 0 };
    held.add(holding);
    for (let n = 0; !signal.aborted && holding.lost === undefined; n += 1) {
      const failure = await echo(socket, `word ${n}`);
      if (failure === undefined) holding.echoes += 1;
      else holding.lost = { atMs: nowMs(), why: failure };
      await pause(echoEveryMs * (0.5 + Math.random()), signal);
    }
    socket.resetAndDestroy();
  }
}

type Opened = { readonly socket: Socket; readonly endpoint: string; readonly connectMs: number };

/** Connects, and waits for the server to say who it is. */
async function open({ address, port }: Target): Promise<Opened | { readonly failure: string }> {
  const startMs = nowMs();
  let connectMs = 0;
  const socket = connect({ host: address, port, noDelay: true });
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    connectMs = nowMs() - startMs;
  });
  const greeting = await firstData(socket);
  if ('failure' in greeting) {
    socket.destroy();
    return greeting;
  }
  return { socket, endpoint: greeting.text, connectMs };
}

/** Sends a word and waits until it is back; gives what went wrong. */
async function echo(socket: Socket, word: string): Promise<string | undefined> {
  const back = firstData(socket);
  socket.write(word);
  const answer = await back;
  if ('failure' in answer) return answer.failure;
  return answer.text === word ? undefined : `an answer to something else: ${answer.text}`;
}

function firstData(socket: Socket): Promise<{ readonly text: string } | { readonly failure: string }> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end({ failure: 'timeout' }), patienceMs);
    const onData = (chunk: Buffer): void => end({ text: chunk.toString() });
    const onError = ({ code = 'error' }: NodeJS.ErrnoException): void =>
      end({ failure: code === 'ECONNREFUSED' ? 'refused' : code });
    const onClose = (): void => end({ failure: 'closed' });
    const end = (outcome: { readonly text: string } | { readonly failure: string }): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      resolve(outcome);
    };
    socket.on('data', onData).on('error', onError).on('close', onClose);
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
