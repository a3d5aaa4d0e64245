import { once } from 'node:events';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NodeLockError, takeNodeLock } from '../../src/host/node-lock.ts';

let names = 0;
/** A name that no other test has. */
function newName(): string {
  names += 1;
  return `rulewright-test-${process.pid}-${names}`;
}

function optionsFor(name: string, over: Partial<Parameters<typeof takeNodeLock>[0]> = {}) {
  const told: string[] = [];
  const signal = new AbortController().signal;
  const options = { name, signal, waitMs: 200, retryMs: 5, onHeld: (who: string) => told.push(who), ...over };
  return { told, options };
}

describe('the lock of a node', () => {
  it('is had by one at a time, who is named to the other', async () => {
    const name = newName();
    const first = await takeNodeLock(optionsFor(name).options);
    onTestFinished(() => first.release());
    const { told, options } = optionsFor(name);
    const error = await takeNodeLock(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NodeLockError);
    const holder = `another rulewright (pid ${process.pid} of host ${hostname()}, started 20`;
    expect((error as Error).message).toContain(holder);
    expect((error as Error).message).toContain('has kept the rules of this node for 0.2 s: end it first');
    expect(told).toEqual([expect.stringContaining(holder)]);
  });

  it('goes to who waits for it, as soon as it is free', async () => {
    const name = newName();
    const first = await takeNodeLock(optionsFor(name).options);
    const { told, options } = optionsFor(name, { waitMs: 60_000 });
    const second = takeNodeLock(options);
    await expect.poll(() => told).toHaveLength(1);
    await first.release();
    await (await second).release();
  });

  it('is given up when the signal aborts', async () => {
    const name = newName();
    const first = await takeNodeLock(optionsFor(name).options);
    onTestFinished(() => first.release());
    const ending = new AbortController();
    const second = takeNodeLock(optionsFor(name, { signal: ending.signal, waitMs: 60_000 }).options);
    ending.abort();
    await expect(second).rejects.toThrow('aborted');
    const aborted = optionsFor(newName(), { signal: AbortSignal.abort() }).options;
    await expect(takeNodeLock(aborted)).rejects.toThrow('aborted');
    // What was taken too late is free again.
    const { signal } = new AbortController();
    await (await takeNodeLock({ ...aborted, signal })).release();
  });

  it.each([
    ['nothing', ''],
    ['what is no JSON', 'x'],
    ['other JSON', '{"pid":"7"}'],
    ['without end', 'x'.repeat(5000)],
  ])('is held by a process that says %s: that is told', async (_, text) => {
    const name = newName();
    const server = createServer((socket) => socket.on('error', () => undefined).end(text)).listen(`\0${name}`);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { told, options } = optionsFor(name, { waitMs: 20 });
    await expect(takeNodeLock(options)).rejects.toThrow('another process');
    expect(told).toEqual(['another process (see ss -xlp for @rulewright)']);
  });
});
