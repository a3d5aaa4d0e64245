import { expect, it } from 'vitest';
import { type CommitLedger, commitLedger } from '../../../src/host/netlink/commit-ledger.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

interface Ledger extends CommitLedger<string> {
  /** What may be somebody else's, each time that something is. */
  readonly foreign: readonly (readonly string[])[];
  seen(...names: readonly string[]): void;
  readonly clock: VirtualClock;
}

function newLedger(): Ledger {
  const clock = createVirtualClock();
  const foreign: (readonly string[])[] = [];
  const ledger = commitLedger<string>((commits) => foreign.push(commits), clock);
  return {
    ...ledger,
    clock,
    foreign,
    seen(...names) {
      for (const name of names) ledger.see(name);
    },
  };
}

it('takes commits for ours that are seen while we apply, or shortly after', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.seen('a');
  ledger.end(2);
  ledger.seen('b');
  expect(ledger.foreign).toEqual([]);
  ledger.seen('c');
  expect(ledger.foreign).toHaveLength(1);
});

it('finds one too many, and does not say that it is the one that came last', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.seen('theirs', 'ours');
  expect(ledger.foreign).toEqual([]);
  ledger.end(1);
  expect(ledger.foreign).toEqual([['theirs', 'ours']]);
});

it('finds one too many that came before word of ours', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.end(1);
  ledger.seen('theirs');
  expect(ledger.foreign).toEqual([]);
  ledger.seen('ours');
  expect(ledger.foreign).toEqual([['theirs', 'ours']]);
});

it('does not name what was ours for sure', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.seen('ours');
  ledger.end(1);
  ledger.clock.pass(3000);
  ledger.seen('theirs');
  expect(ledger.foreign).toEqual([['theirs']]);
});

it('takes all for foreign that are seen while we apply in vain', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.seen('a');
  ledger.end(0);
  expect(ledger.foreign).toEqual([['a']]);
});

it('judges once all that is under way has ended', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.begin();
  ledger.seen('a', 'b', 'c');
  ledger.end(1);
  expect(ledger.foreign).toEqual([]);
  ledger.end(1);
  expect(ledger.foreign).toEqual([['a', 'b', 'c']]);
});

it('does not wait for ever for word of a commit that changed nothing', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.end(1);
  ledger.clock.pass(3000);
  ledger.seen('a');
  expect(ledger.foreign).toEqual([['a']]);
});

it('expects nothing once word was lost', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.end(1);
  expect(ledger.forget()).toEqual([]);
  ledger.seen('a');
  expect(ledger.foreign).toEqual([['a']]);
});

it('gives what it could not judge when word was lost', () => {
  const ledger = newLedger();
  ledger.begin();
  ledger.seen('a');
  ledger.end(2);
  ledger.begin();
  ledger.seen('b');
  expect(ledger.forget()).toEqual(['b', 'a']);
});
