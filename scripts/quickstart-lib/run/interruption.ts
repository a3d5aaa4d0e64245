/** Every early end of a run goes through one AbortSignal, so that the clean-up is in one place. */
import { constants } from 'node:os';
import process from 'node:process';

const longestRunMs = 120_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

class Interrupted extends Error {
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(why);
    this.exitCode = exitCode;
  }
}

export interface End {
  readonly signal: AbortSignal;
  readonly stopListening: () => void;
}

/** From here on a signal does not end the process; it is up to the caller to notice and end. */
export function listenForEnd(): End {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    const why = `interrupted (${name}), everything was removed again`;
    controller.abort(new Interrupted(why, 128 + constants.signals[name]));
  };
  const fail = (error: unknown): void => controller.abort(error);
  const readerLeft = (): void => controller.abort(new Interrupted('the output pipe was closed', 1));
  const timer = setTimeout(() => fail(new Error(`not done after ${longestRunMs / 1_000} s`)), longestRunMs);
  timer.unref();
  for (const name of signals) process.on(name, interrupt);
  process.on('uncaughtException', fail);
  process.stdout.on('error', readerLeft);
  process.stderr.on('error', () => undefined);
  return {
    signal: controller.signal,
    stopListening: () => {
      clearTimeout(timer);
      for (const name of signals) process.off(name, interrupt);
      process.off('uncaughtException', fail);
    },
  };
}

export function interruption(error: unknown): Interrupted | undefined {
  return error instanceof Interrupted ? error : undefined;
}
