import { describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../src/clock.ts';
import { createVirtualClock } from './support/virtual-clock.ts';

describe('sleep', () => {
  it('ends when its time has come', async () => {
    const clock = createVirtualClock();
    let isOver = false;
    void sleep(clock, 100).then(() => (isOver = true));
    await clock.advance(99);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(isOver).toBe(true);
  });

  it('ends at once when the signal aborts, before or meanwhile', async () => {
    const stopping = new AbortController();
    const sleeping = sleep(systemClock, 1e9, stopping.signal);
    stopping.abort();
    await sleeping;
    await sleep(systemClock, 1e9, stopping.signal);
  });
});
