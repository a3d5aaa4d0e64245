import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NetlinkChange } from '../../../src/host/netlink/decoder.ts';
import type { RuleEvents, RuleListener } from '../../../src/host/netlink/listener.ts';
import { ruleWatch } from '../../../src/host/netlink/rule-watch.ts';

let stop: AbortController;
let listener: RuleListener | undefined;
const events: RuleEvents = {
  subscribe(added) {
    listener = added;
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
  listener = undefined;
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

function change(table: string, verb: NetlinkChange['verb'] = 'delete'): NetlinkChange {
  return { verb, object: 'rule', family: 'IPv4', table };
}

function start(from: RuleEvents | undefined = events) {
  const reported: string[] = [];
  const foreign: (readonly NetlinkChange[] | string)[] = [];
  const { ledger, watch } = ruleWatch({
    events: from,
    isInOurTable: ({ table }) => table === 'ours',
    isSuspicious: ({ table, verb }) => table === 'ours' && verb === 'delete',
    onForeign: (changes) => foreign.push(changes),
    onMissed: (when) => foreign.push(when),
    pollMs: () => 1000,
  });
  watch((why) => reported.push(why), stop.signal);
  const commit = (...changes: readonly NetlinkChange[]): void => listener?.onCommit({ changes, program: 'stranger' });
  return { reported, foreign, ledger, commit };
}

describe('where the kernel tells of changes', () => {
  it('suspects a foreign change to what is ours, at once', () => {
    const { reported, foreign, commit } = start();
    commit(change('ours'));
    expect(reported).toEqual(['stranger changed rules']);
    expect(foreign).toEqual([[change('ours')]]);
  });

  it('does not suspect other tables, or what takes nothing away', () => {
    const { reported, commit } = start();
    commit(change('theirs'));
    commit(change('ours', 'new'));
    expect(reported).toEqual([]);
  });

  it('does not suspect our own commits', () => {
    const { reported, ledger, commit } = start();
    ledger.begin();
    commit(change('ours'));
    ledger.end(1);
    expect(reported).toEqual([]);
  });

  it('suspects everything when the kernel does not tell of a transaction of ours', () => {
    const { reported, foreign, ledger, commit } = start();
    listener?.onMissed('start');
    reported.length = 0;
    ledger.begin();
    ledger.end(1);
    vi.advanceTimersByTime(500);
    commit(change('ours'));
    vi.advanceTimersByTime(5000);
    expect(reported).toEqual([]);
    // Later ones that are told of do not hide the one that is not.
    for (let second = 0; second < 3; second += 1) {
      ledger.begin();
      ledger.end(second === 0 ? 2 : 1);
      commit(change('ours'));
      vi.advanceTimersByTime(600);
    }
    expect(foreign.at(-1)).toBe('gap');
    expect(reported).toEqual(['the kernel has not told of a transaction that was said to have been applied']);
    vi.advanceTimersByTime(60_000);
    expect(reported).toHaveLength(1);
  });

  it('expects no word of our transactions while changes are not told', () => {
    const { reported, ledger } = start();
    listener?.onMissed('start');
    listener?.onDeaf('there is no perl in PATH');
    reported.length = 0;
    ledger.begin();
    ledger.end(1);
    vi.advanceTimersByTime(900);
    expect(reported).toEqual([]);
  });

  it('reports those that come close together as one', () => {
    const { reported, commit } = start();
    for (let i = 0; i < 5; i += 1) commit(change('ours'));
    expect(reported).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(reported).toHaveLength(2);
  });

  it('suspects everything when word was lost', () => {
    const { reported, foreign } = start();
    listener?.onMissed('gap');
    expect(reported).toEqual(['word of changes was lost']);
    expect(foreign).toEqual(['gap', []]);
  });

  it('says so when it may be word of our own load that was lost, with what came of it', () => {
    const { foreign, ledger, commit } = start();
    ledger.begin();
    commit(change('ours'), change('theirs'));
    listener?.onMissed('gap');
    expect(foreign).toEqual(['ownLoad', [change('ours')]]);
  });

  it('suspects what a foreign commit changed although it came while ours was under way', () => {
    const { reported, foreign, ledger, commit } = start();
    ledger.begin();
    commit({ ...change('ours'), name: 'theirs' });
    commit({ ...change('ours'), name: 'of-us' });
    ledger.end(1);
    expect(reported).toHaveLength(1);
    expect(foreign.flat()).toContainEqual({ ...change('ours'), name: 'theirs' });
  });

  it('asks now and then while it is deaf, and no longer', () => {
    const { reported } = start();
    listener?.onDeaf('there is \u001b[31mno perl');
    expect(reported).toEqual([]);
    vi.advanceTimersByTime(3500);
    expect(reported).toEqual(Array(3).fill('changes are not told: there is ?[31mno perl'));
    listener?.onMissed('gap');
    vi.advanceTimersByTime(10_000);
    expect(reported).toHaveLength(4);
  });

  it('says nothing once it is stopped', () => {
    const { reported, commit } = start();
    listener?.onDeaf('there is no perl');
    commit(change('ours'));
    commit(change('ours'));
    stop.abort();
    vi.advanceTimersByTime(10_000);
    expect(reported).toEqual(['stranger changed rules']);
  });
});

it('asks now and then where nobody tells', () => {
  const reported: string[] = [];
  const { watch } = ruleWatch({
    events: undefined,
    isInOurTable: () => true,
    isSuspicious: () => true,
    pollMs: () => 4000,
  });
  watch((why) => reported.push(why), stop.signal);
  vi.advanceTimersByTime(12_000);
  expect(reported).toEqual(Array(3).fill('nobody tells of changes to these tables'));
});
