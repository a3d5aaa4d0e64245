/** Many connections from one namespace: what came back, counted. */
import type { Socket } from 'node:net';
import { askDns, askOn, askOnce, CallFailure, type Destination, openConnection } from './ask.ts';
import type { Answer, AnswerTally, CallOrder, CallReport, FailureTally } from './messages.ts';

/** After so many failures the rest is not tried: waiting for hundreds of time-outs would tell nothing more. */
const enoughFailures = 16;

export async function makeCalls(order: CallOrder): Promise<CallReport> {
  const answers = new Map<string, AnswerTally>();
  const failures = new Map<string, FailureTally>();
  const timesMs: number[] = [];
  const startedMs = performance.now();
  const fail = (source: string, reason: string): void => {
    const key = `${source} ${reason}`;
    failures.set(key, { source, reason, count: (failures.get(key)?.count ?? 0) + 1 });
  };
  let failed = 0;
  await inParallel(order, async (to) => {
    if (failed >= enoughFailures) {
      fail(to.source, 'not tried');
      return;
    }
    const beganMs = performance.now();
    try {
      const answer = order.protocol === 'dns' ? await askDns(to) : await askOnce(to);
      const key = `${to.source} ${answer.pod} ${answer.peer}`;
      answers.set(key, { source: to.source, ...answer, count: (answers.get(key)?.count ?? 0) + 1 });
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      fail(to.source, error.reason);
      failed += 1;
    }
    timesMs.push(performance.now() - beganMs);
  });
  const medianMs = timesMs.sort((a, b) => a - b)[timesMs.length >> 1] ?? 0;
  const elapsedMs = performance.now() - startedMs;
  return { answers: [...answers.values()], failures: [...failures.values()], elapsedMs, medianMs };
}

/** Connections that stay open from one order to the next. */
const held: Socket[] = [];

export async function hold(order: CallOrder): Promise<Answer[]> {
  const answers: Answer[] = [];
  await inParallel(order, async (to) => {
    const socket = await openConnection(to);
    answers.push(await askOn(socket, 'keep-alive'));
    socket.setTimeout(0);
    held.push(socket);
  });
  return answers;
}

/** In the order of `hold`. A connection that does not answer any more gives an empty name. */
export async function askHeld(timeoutMs: number): Promise<Answer[]> {
  const sockets = held.splice(0);
  return await Promise.all(
    sockets.map(async (socket) => {
      socket.setTimeout(timeoutMs, () => socket.destroy(new CallFailure('ETIMEDOUT')));
      const answer = await askOn(socket, 'close').catch((): Answer => ({ pod: '', peer: '' }));
      socket.destroy();
      return answer;
    }),
  );
}

async function inParallel(order: CallOrder, one: (to: Destination) => Promise<void>): Promise<void> {
  const { address, port, timeoutMs, sources } = order;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < order.connections) {
      const source = sources[next % Math.max(sources.length, 1)] ?? '';
      next += 1;
      await one({ address, port, timeoutMs, source });
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, worker));
}
