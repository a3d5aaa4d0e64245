import { expect, it, vi } from 'vitest';
import { ruleEvents } from '../../../src/host/netlink/listener.ts';
import type { CommandOutcome, RunCommand } from '../../../src/host/run-command.ts';

/** What the process writes when its socket is ready. */
const ready = Buffer.from([16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

interface Started {
  onChunk(chunk: Uint8Array): void;
  readonly signal: AbortSignal;
  end(outcome: CommandOutcome): void;
}

/** Processes that live as long as a test wants. */
function processes() {
  const started: Started[] = [];
  let onStart: () => void = () => undefined;
  const run: RunCommand = (_command, _args, { onChunk, signal } = {}) =>
    new Promise((end) => {
      if (onChunk === undefined || signal === undefined) expect.fail('it would be waited for');
      signal.addEventListener('abort', () => end({ kind: 'killed', why: 'SIGTERM' }));
      started.push({ onChunk, signal, end });
      onStart();
    });
  const next = async (count: number): Promise<Started> => {
    while (started.length < count) await new Promise<void>((resolve) => (onStart = resolve));
    return started[count - 1] ?? expect.fail('none');
  };
  return { run, started, next };
}

function listening(events: ReturnType<typeof ruleEvents>) {
  const stop = new AbortController();
  const told: string[] = [];
  events.subscribe(
    {
      onCommit: ({ program }) => told.push(program),
      onMissed: (when) => told.push(when),
      onDeaf: (why) => told.push(why),
    },
    stop.signal,
  );
  return { told, stop };
}

it('is one process for all, as long as there are any', async () => {
  const { run, started, next } = processes();
  const events = ruleEvents(run);
  const [first, second] = [listening(events), listening(events)];
  const { onChunk, signal } = await next(1);
  onChunk(ready);
  expect([first.told, second.told]).toEqual([['start'], ['start']]);
  first.stop.abort();
  expect(signal.aborted).toBe(false);
  const third = listening(events);
  await Promise.resolve();
  expect(third.told).toEqual(['start']);
  second.stop.abort();
  third.stop.abort();
  expect(signal.aborted).toBe(true);
  listening(events).stop.abort();
  expect(started).toHaveLength(2);
});

it.each([
  [{ kind: 'missing' }, 'there is no perl in PATH'],
  [{ kind: 'unstarted', why: 'EMFILE' }, 'perl cannot be started (EMFILE)'],
  [{ kind: 'killed', why: 'SIGKILL' }, 'perl was stopped (SIGKILL)'],
  [
    { kind: 'exited', exitCode: 9, stdout: '', stderr: 'no netlink group: Not permitted\n' },
    'no netlink group: Not permitted',
  ],
  [{ kind: 'exited', exitCode: 9, stdout: '', stderr: '' }, 'perl ended with exit code 9'],
] as const)('starts anew after %o, and says what that means', async (outcome, why) => {
  const { run, next } = processes();
  const { told, stop } = listening(ruleEvents(run));
  const { onChunk, end } = await next(1);
  onChunk(ready);
  end(outcome);
  (await next(2)).onChunk(ready);
  expect(told).toEqual(['start', why, 'gap']);
  stop.abort();
});

it('does not take the end of one process for bytes of the next', async () => {
  const { run, next } = processes();
  const { told, stop } = listening(ruleEvents(run));
  const { onChunk, end } = await next(1);
  onChunk(ready.subarray(0, 10));
  end({ kind: 'killed', why: 'SIGKILL' });
  (await next(2)).onChunk(ready);
  expect(told).toEqual(['perl was stopped (SIGKILL)', 'start']);
  stop.abort();
});

it('stops a process that does not begin to listen, and says so', async () => {
  vi.useFakeTimers();
  const { run, next } = processes();
  const { told, stop } = listening(ruleEvents(run));
  await next(1);
  await vi.advanceTimersByTimeAsync(9000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual(['perl did not listen within 10 s']);
  stop.abort();
  vi.useRealTimers();
});
