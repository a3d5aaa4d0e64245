/**
 * Listens to the kernel's account of changes to nftables rules. Node.js cannot open a netlink socket, and `nft monitor`
 * keeps a copy of all rules of the node (600 MB with 300,000 endpoints), so perl opens the socket, which every Debian
 * has, and hands on what it hears: 6 MB, and no work while nothing changes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandOutcome, describeAbsence, type RunCommand } from '../run-command.ts';
import { netlinkDecoder, type RuleCommit, type RuleEvent } from './decoder.ts';

export interface RuleListener {
  onCommit(commit: RuleCommit): void;
  /** Changes may have been missed: `start` before the first that is told, `gap` later on. */
  onMissed(when: 'start' | 'gap'): void;
  /** Nothing is told until the next `onMissed`. */
  onDeaf(why: string): void;
}

export interface RuleEvents {
  /** Until the signal aborts. */
  subscribe(listener: RuleListener, signal: AbortSignal): void;
}

/**
 * AF_NETLINK 16, SOCK_RAW 3, NETLINK_NETFILTER 12; NFNLGRP_NFTABLES is group 7; SO_RCVBUFFORCE 33 makes room for a
 * load of 100,000 endpoints at once; errno 105 is ENOBUFS: messages were lost. The two messages that it makes itself
 * are NLMSG_NOOP (1), it listens, and NLMSG_OVERRUN (4). It ends when its standard input does.
 */
const script = `
socket(S, 16, 3, 12) or die "no netlink socket: $!\\n";
setsockopt(S, 1, 33, pack("i", 1 << 24));
bind(S, pack("SSLL", 16, 0, 0, 1 << 6)) or die "no netlink group: $!\\n";
syswrite(STDOUT, pack("LSSLL", 16, 1, 0, 0, 0));
vec(my $both, fileno(STDIN), 1) = 1;
vec($both, fileno(S), 1) = 1;
while (1) {
  select(my $ready = $both, undef, undef, undef);
  exit if vec($ready, fileno(STDIN), 1);
  my $length = sysread(S, my $bytes, 1 << 20);
  if (!defined $length) {
    die "netlink: $!\\n" if $! != 105;
    $bytes = pack("LSSLL", 16, 4, 0, 0, 0);
  }
  while (length $bytes) { substr($bytes, 0, syswrite(STDOUT, $bytes) || die "output: $!\\n") = ""; }
}`;

const shortestPauseMs = 100;
const longestPauseMs = 60_000;
/** perl starts within a second; one that does not listen by then is stopped, and rules are looked at now and then. */
const readyMs = 10_000;

/** One process for all that want to hear; it runs while there are any. */
export function ruleEvents(run: RunCommand): RuleEvents {
  const state: ListenerState = { listeners: new Set(), isListening: false, hasListened: false };
  let stop: AbortController | undefined;
  return {
    subscribe(listener, signal) {
      if (signal.aborted) return;
      state.listeners.add(listener);
      signal.addEventListener('abort', () => {
        state.listeners.delete(listener);
        if (state.listeners.size > 0) return;
        stop?.abort();
        stop = undefined;
      });
      if (state.isListening) queueMicrotask(() => listener.onMissed('start'));
      if (stop !== undefined) return;
      stop = new AbortController();
      void keepListening(run, state, stop.signal);
    },
  };
}

interface ListenerState {
  readonly listeners: Set<RuleListener>;
  isListening: boolean;
  hasListened: boolean;
}

/** Starts the process anew whenever it ends, later each time until it hears something. */
async function keepListening(run: RunCommand, state: ListenerState, signal: AbortSignal): Promise<void> {
  let pauseMs = shortestPauseMs;
  while (!signal.aborted) {
    const decode = netlinkDecoder();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), readyMs);
    const onChunk = (chunk: Uint8Array): void => {
      for (const event of decode(chunk)) {
        if (event.kind === 'listening') clearTimeout(timer);
        if (event.kind === 'commit') pauseMs = shortestPauseMs;
        hand(state, event);
      }
    };
    const outcome = await run('perl', ['-e', script], { onChunk, signal: AbortSignal.any([signal, late.signal]) });
    clearTimeout(timer);
    state.isListening = false;
    if (signal.aborted) return;
    const why = late.signal.aborted ? `perl did not listen within ${readyMs / 1000} s` : ending(outcome);
    for (const listener of state.listeners) listener.onDeaf(why);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

function hand(state: ListenerState, event: RuleEvent): void {
  const when = event.kind === 'listening' && !state.hasListened ? 'start' : 'gap';
  if (event.kind === 'listening') {
    state.isListening = true;
    state.hasListened = true;
  }
  for (const listener of state.listeners) {
    if (event.kind === 'commit') listener.onCommit(event.commit);
    else listener.onMissed(when);
  }
}

function ending(outcome: CommandOutcome): string {
  if (outcome.kind !== 'exited') return describeAbsence('perl', outcome);
  return outcome.stderr.trim() || `perl ended with exit code ${outcome.exitCode}`;
}
